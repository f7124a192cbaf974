#include "lab/metrics/metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "lab/metrics/resampling.h"
#include "regard/core/error.h"

namespace regard {
namespace {

constexpr double kNormal95 = 1.959963984540054;

double share(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(part) / whole;
}

/// A number below `count`, the same with every compiler, unlike the standard's distributions.
std::size_t draw(std::mt19937_64& random, std::size_t count) {
  return static_cast<std::size_t>((static_cast<unsigned __int128>(random()) * count) >> 64);
}

}  // namespace

Interval wilson_interval(std::int64_t successes, std::int64_t count) {
  if (count == 0) return {0, 1};
  const double n = static_cast<double>(count), p = successes / n, z2 = kNormal95 * kNormal95;
  const double centre = (p + z2 / (2 * n)) / (1 + z2 / n);
  const double half = kNormal95 / (1 + z2 / n) * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n));
  return {std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

std::vector<double> softmax(std::span<const float> logits, double temperature) {
  std::vector<double> values(logits.begin(), logits.end());
  const double top = *std::max_element(values.begin(), values.end());
  double sum = 0;
  for (double& value : values) sum += value = std::exp((value - top) / temperature);
  for (double& value : values) value /= sum;
  return values;
}

std::vector<std::size_t> all_rows(std::size_t count) {
  std::vector<std::size_t> rows(count);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return rows;
}

Metrics::Metrics(std::size_t classes) : classes_(classes), confusion_(classes * classes) {}

void Metrics::add(int label, std::span<const double> probabilities) {
  if (probabilities.size() != classes_ || label < 0 || label >= static_cast<int>(classes_))
    throw Error("prediction does not fit the classes", {}, std::to_string(classes_) + " classes",
                std::to_string(probabilities.size()) + " with label " + std::to_string(label));
  const auto top = std::max_element(probabilities.begin(), probabilities.end());
  const int predicted = static_cast<int>(top - probabilities.begin());
  const int bin = std::clamp(static_cast<int>(std::ceil(*top * kBins)) - 1, 0, static_cast<int>(kBins) - 1);
  const bool right = predicted == label;
  ++count_;
  correct_ += right;
  ++confusion_[label * classes_ + predicted];
  ++bins_[bin].count;
  bins_[bin].correct += right;
  bins_[bin].confidence += *top;
  log_loss_ -= std::log(std::max(probabilities[label], std::numeric_limits<double>::min()));
}

void Metrics::merge(const Metrics& other) {
  if (other.classes_ != classes_)
    throw Error("metrics of different classes", {}, std::to_string(classes_), std::to_string(other.classes_));
  count_ += other.count_;
  correct_ += other.correct_;
  log_loss_ += other.log_loss_;
  for (std::size_t i = 0; i < confusion_.size(); ++i) confusion_[i] += other.confusion_[i];
  for (std::size_t i = 0; i < kBins; ++i) {
    bins_[i].count += other.bins_[i].count;
    bins_[i].correct += other.bins_[i].correct;
    bins_[i].confidence += other.bins_[i].confidence;
  }
}

double Metrics::accuracy() const {
  return share(correct_, count_);
}
double Metrics::recall(std::size_t label) const {
  return share(confusion(label, label), support(label));
}
double Metrics::precision(std::size_t label) const {
  return share(confusion(label, label), predicted(label));
}

std::int64_t Metrics::support(std::size_t label) const {
  const auto row = confusion_.begin() + label * classes_;
  return std::accumulate(row, row + classes_, std::int64_t{0});
}

std::int64_t Metrics::predicted(std::size_t label) const {
  std::int64_t sum = 0;
  for (std::size_t row = 0; row < classes_; ++row) sum += confusion(row, label);
  return sum;
}

Interval Metrics::recall_interval(std::size_t label) const {
  return wilson_interval(confusion(label, label), support(label));
}

Interval Metrics::precision_interval(std::size_t label) const {
  return wilson_interval(confusion(label, label), predicted(label));
}

double Metrics::balanced_accuracy() const {
  double sum = 0;
  std::int64_t occurring = 0;
  for (std::size_t label = 0; label < classes_; ++label) {
    if (support(label) == 0) continue;
    sum += recall(label);
    ++occurring;
  }
  return occurring == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / occurring;
}

double Metrics::macro_f1() const {
  double sum = 0;
  std::int64_t occurring = 0;
  for (std::size_t label = 0; label < classes_; ++label) {
    const std::int64_t both = support(label) + predicted(label);
    if (both == 0) continue;
    sum += 2.0 * confusion(label, label) / both;
    ++occurring;
  }
  return occurring == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / occurring;
}

double Metrics::calibration_error() const {
  double sum = 0;
  for (const auto& bin : bins_) sum += std::abs(bin.correct - bin.confidence);
  return count_ == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / count_;
}

double Metrics::log_loss() const {
  return count_ == 0 ? std::numeric_limits<double>::quiet_NaN() : log_loss_ / count_;
}

Metrics measure(const Scores& scores, std::span<const std::size_t> rows, double temperature) {
  Metrics metrics(scores.classes);
  for (const std::size_t row : rows) metrics.add(scores.labels[row], softmax(scores.row(row), temperature));
  return metrics;
}

BootstrapIntervals bootstrap_intervals(const Scores& scores, std::span<const std::size_t> rows,
                                       double temperature, int resamples, std::uint64_t seed) {
  std::vector<std::vector<double>> probabilities;
  for (const std::size_t row : rows) probabilities.push_back(softmax(scores.row(row), temperature));
  std::mt19937_64 random(seed);
  std::vector<double> balanced, f1, loss, error;
  for (int i = 0; i < resamples; ++i) {
    Metrics metrics(scores.classes);
    for (std::size_t n = 0; n < rows.size(); ++n) {
      const std::size_t drawn = draw(random, rows.size());
      metrics.add(scores.labels[rows[drawn]], probabilities[drawn]);
    }
    balanced.push_back(metrics.balanced_accuracy());
    f1.push_back(metrics.macro_f1());
    loss.push_back(metrics.log_loss());
    error.push_back(metrics.calibration_error());
  }
  const double measured = measure(scores, rows, temperature).calibration_error();
  const Interval resampled = percentile_interval(error);
  return {percentile_interval(balanced),
          percentile_interval(f1),
          percentile_interval(loss),
          {std::max(0.0, 2 * measured - resampled.high), std::max(0.0, 2 * measured - resampled.low)}};
}

PairedDifference paired_difference(const std::vector<bool>& first, const std::vector<bool>& second,
                                   int resamples, std::uint64_t seed) {
  if (first.size() != second.size() || first.empty())
    throw Error("runs cannot be compared", {}, std::to_string(first.size()) + " images, at least one",
                std::to_string(second.size()));
  PairedDifference result;
  std::vector<int> gains(first.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    gains[i] = second[i] - first[i];
    result.only_first += gains[i] < 0;
    result.only_second += gains[i] > 0;
  }
  const double count = static_cast<double>(gains.size());
  result.difference = (result.only_second - result.only_first) / count;

  std::mt19937_64 random(seed);
  std::vector<double> differences(resamples);
  for (double& difference : differences) {
    std::int64_t sum = 0;
    for (std::size_t n = 0; n < gains.size(); ++n) sum += gains[draw(random, gains.size())];
    difference = sum / count;
  }
  result.interval = percentile_interval(differences);
  return result;
}

}  // namespace regard

#include "lab/metrics/calibration.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "regard/core/error.h"

namespace regard {
namespace {

/// First and second derivative of the summed log loss by the inverse temperature. The loss is convex in it.
struct Slope {
  double first = 0;
  double second = 0;
};

Slope slope(const Scores& scores, std::span<const std::size_t> rows, double inverse) {
  Slope slope;
  for (const std::size_t row : rows) {
    const auto logits = scores.row(row);
    const auto probabilities = softmax(logits, 1 / inverse);
    double mean = 0, square = 0;
    for (std::size_t c = 0; c < logits.size(); ++c) {
      mean += probabilities[c] * logits[c];
      square += probabilities[c] * logits[c] * logits[c];
    }
    slope.first += mean - logits[scores.labels[row]];
    slope.second += square - mean * mean;
  }
  return slope;
}

}  // namespace

double fit_temperature(const Scores& scores, std::span<const std::size_t> rows) {
  if (rows.empty()) throw Error("no images to fit a temperature on");
  for (const std::size_t row : rows)
    for (const float logit : scores.row(row))
      if (!std::isfinite(logit)) throw Error("logit is not finite", "image " + std::to_string(row));

  double low = 1 / kMaxTemperature, high = 1 / kMinTemperature, inverse = 1;
  if (slope(scores, rows, low).first >= 0) return kMaxTemperature;
  if (slope(scores, rows, high).first <= 0) return kMinTemperature;
  for (int step = 0; step < 100 && high - low > 1e-10; ++step) {
    const Slope here = slope(scores, rows, inverse);
    (here.first > 0 ? high : low) = inverse;
    const double newton = inverse - here.first / here.second;
    const double next = newton > low && newton < high ? newton : (low + high) / 2;
    if (std::abs(next - inverse) < 1e-12) break;
    inverse = next;
  }
  return 1 / inverse;
}

std::vector<int> seeded_folds(std::size_t count, int folds, std::uint64_t seed) {
  std::vector<int> fold_of(count);
  for (std::size_t i = 0; i < count; ++i) fold_of[i] = static_cast<int>(i % folds);
  std::mt19937_64 random(seed);
  for (std::size_t i = count; i > 1; --i) std::swap(fold_of[i - 1], fold_of[random() % i]);
  return fold_of;
}

Metrics cross_fitted(const Scores& scores, std::span<const int> fold_of) {
  const int folds = fold_of.empty() ? 0 : *std::max_element(fold_of.begin(), fold_of.end()) + 1;
  if (folds < 2 || fold_of.size() != scores.count())
    throw Error("folds do not fit for cross-fitting", {},
                "two folds or more of " + std::to_string(scores.count()) + " images",
                std::to_string(folds) + " of " + std::to_string(fold_of.size()));
  Metrics metrics(scores.classes);
  for (int fold = 0; fold < folds; ++fold) {
    std::vector<std::size_t> inside, outside;
    for (std::size_t i = 0; i < fold_of.size(); ++i) (fold_of[i] == fold ? inside : outside).push_back(i);
    metrics.merge(measure(scores, inside, fit_temperature(scores, outside)));
  }
  return metrics;
}

}  // namespace regard

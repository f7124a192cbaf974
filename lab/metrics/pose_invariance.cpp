#include "lab/metrics/pose_invariance.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "lab/metrics/calibration.h"
#include "lab/metrics/resampling.h"
#include "lab/metrics/ridge.h"
#include "regard/core/error.h"
#include "regard/core/random.h"

namespace regard {

namespace {

using Numbers = std::vector<double>;

constexpr int kFolds = 5;
constexpr std::uint64_t kSeed = 1;
constexpr std::array kPenalties{.001, .01, .1, 1.};  // of features whose standard deviation is 1
constexpr std::size_t kFewestPoses = 10;
constexpr std::size_t kFewestInGroup = 20;
constexpr int kResamples = 1000;

/// For each fold, the predictions with the penalty that errs least on the other folds.
Numbers chosen_predictions(const RidgePredictions& predictions, std::size_t target, const Numbers& truth,
                           std::span<const int> fold_of) {
  std::array<std::array<double, kFolds>, kPenalties.size()> squares{};
  for (std::size_t p = 0; p < kPenalties.size(); ++p)
    for (std::size_t i = 0; i < truth.size(); ++i) {
      const double error = predictions[p][target][i] - truth[i];
      for (int fold = 0; fold < kFolds; ++fold)
        if (fold != fold_of[i]) squares[p][static_cast<std::size_t>(fold)] += error * error;
    }
  Numbers chosen;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const auto fold = static_cast<std::size_t>(fold_of[i]);
    std::size_t best = 0;
    for (std::size_t p = 1; p < kPenalties.size(); ++p)
      if (squares[p][fold] < squares[best][fold]) best = p;
    chosen.push_back(predictions[best][target][i]);
  }
  return chosen;
}

/// The share of the variance that predictions explain, over these rows.
double explained(const Numbers& predicted, const Numbers& truth, std::span<const std::size_t> rows) {
  double mean = 0, left = 0, all = 0;
  for (const auto row : rows) mean += truth[row] / static_cast<double>(rows.size());
  for (const auto row : rows) {
    left += (predicted[row] - truth[row]) * (predicted[row] - truth[row]);
    all += (truth[row] - mean) * (truth[row] - mean);
  }
  return 1 - left / all;
}

AngleProbe probe_of(const Numbers& predicted, const Numbers& truth) {
  AngleProbe probe;
  const double mean = mean_of(truth), count = static_cast<double>(truth.size());
  for (std::size_t i = 0; i < truth.size(); ++i) {
    probe.error += std::abs(predicted[i] - truth[i]) / count;
    probe.mean_error += std::abs(mean - truth[i]) / count;
  }
  auto rows = all_rows(truth.size());
  probe.r2 = explained(predicted, truth, rows);
  SplitMix64 random(kSeed);
  Numbers resampled;
  for (int i = 0; i < kResamples; ++i) {
    for (auto& row : rows) row = random.next() % truth.size();
    resampled.push_back(explained(predicted, truth, rows));
  }
  probe.interval = percentile_interval(resampled);
  return probe;
}

bool varies(const Numbers& values) {
  const auto [low, high] = std::ranges::minmax_element(values);
  return *low < *high;
}

void probe_angles(std::span<const float> features, const Numbers& yaw, const Numbers& pitch,
                  PoseInvariance& result) {
  const auto fold_of = seeded_folds(yaw.size(), kFolds, kSeed);
  const auto predictions = ridge_predictions(features, {yaw, pitch}, fold_of, kPenalties);
  if (varies(yaw)) result.yaw = probe_of(chosen_predictions(predictions, 0, yaw, fold_of), yaw);
  if (varies(pitch)) result.pitch = probe_of(chosen_predictions(predictions, 1, pitch, fold_of), pitch);
}

/// Images of a group of poses: whether each was recognised, and its label.
struct Answers {
  std::string name;
  std::vector<char> right;
  std::vector<int> labels;

  double accuracy() const {
    return static_cast<double>(std::accumulate(right.begin(), right.end(), 0)) /
           static_cast<double>(right.size());
  }
};

std::vector<Answers> answers_by_pose(const Scores& scores, std::span<const std::optional<HeadPose>> poses) {
  const auto groups = measure_by_pose(scores, poses, 1)->groups;
  std::vector<Answers> answers(groups.size());
  for (std::size_t g = 0; g < groups.size(); ++g) answers[g].name = groups[g].name;
  for (std::size_t i = 0; i < poses.size(); ++i) {
    if (!poses[i]) continue;
    const auto group = std::ranges::find_if(groups, [&](const auto& one) { return one.holds(*poses[i]); });
    const auto row = scores.row(i);
    auto& own = answers[static_cast<std::size_t>(group - groups.begin())];
    own.right.push_back(std::max_element(row.begin(), row.end()) - row.begin() == scores.labels[i]);
    own.labels.push_back(scores.labels[i]);
  }
  std::erase_if(answers, [](const Answers& one) { return one.right.size() < kFewestInGroup; });
  return answers;
}

/// Accuracy over images drawn with replacement.
double resampled_accuracy(const Answers& answers, SplitMix64& random) {
  int right = 0;
  for (std::size_t i = 0; i < answers.right.size(); ++i)
    right += answers.right[random.next() % answers.right.size()];
  return static_cast<double>(right) / static_cast<double>(answers.right.size());
}

Interval difference_interval(const Answers& best, const Answers& worst) {
  SplitMix64 random(kSeed);
  Numbers differences;
  for (int i = 0; i < kResamples; ++i)
    differences.push_back(resampled_accuracy(best, random) - resampled_accuracy(worst, random));
  return percentile_interval(differences);
}

double best_less_worst(const std::vector<Answers>& groups) {
  const auto [worst, best] = std::ranges::minmax_element(groups, {}, &Answers::accuracy);
  return best->accuracy() - worst->accuracy();
}

/// Deals the answers out anew among images of the same label.
void shuffle(std::vector<Answers>& groups, SplitMix64& random) {
  std::vector<std::vector<char*>> by_label;
  for (auto& group : groups)
    for (std::size_t i = 0; i < group.right.size(); ++i) {
      const auto label = static_cast<std::size_t>(group.labels[i]);
      by_label.resize(std::max(by_label.size(), label + 1));
      by_label[label].push_back(&group.right[i]);
    }
  for (auto& answers : by_label)
    for (std::size_t i = answers.size(); i > 1; --i) std::swap(*answers[i - 1], *answers[random.next() % i]);
}

std::optional<PoseSpread> spread_of(std::vector<Answers> groups) {
  if (groups.size() < 2) return {};
  PoseSpread spread;
  spread.groups = groups.size();
  Numbers accuracies;
  for (const auto& group : groups) accuracies.push_back(group.accuracy());
  spread.std = std_of(accuracies);
  const auto [worst, best] = std::ranges::minmax_element(groups, {}, &Answers::accuracy);
  spread.best = best->name;
  spread.worst = worst->name;
  spread.difference = best_less_worst(groups);
  spread.interval = difference_interval(*best, *worst);
  SplitMix64 random(kSeed);
  for (int i = 0; i < kResamples; ++i) {
    shuffle(groups, random);
    const double difference = best_less_worst(groups);
    spread.by_chance += difference / kResamples;
    spread.chance += (difference >= spread.difference - 1e-12 ? 1. : 0.) / kResamples;
  }
  return spread;
}

Json to_json(const std::optional<AngleProbe>& probe) {
  if (!probe) return {};
  return {{"r2", probe->r2},
          {"interval", {probe->interval.low, probe->interval.high}},
          {"error", probe->error},
          {"mean_error", probe->mean_error}};
}

}  // namespace

PoseInvariance measure_pose_invariance(const Scores& scores, std::span<const float> features,
                                       std::span<const std::optional<HeadPose>> poses) {
  if (poses.size() != scores.count() || poses.empty() || features.size() % poses.size() != 0)
    throw Error("head poses and features do not fit the images", {}, std::to_string(scores.count()) + " rows",
                std::to_string(poses.size()) + " and " + std::to_string(features.size()) + " values");
  PoseInvariance result;
  result.features = features.size() / poses.size();
  std::vector<float> known;
  Numbers yaw, pitch;
  for (std::size_t i = 0; i < poses.size(); ++i) {
    if (!poses[i]) continue;
    const auto row = features.subspan(i * result.features, result.features);
    known.insert(known.end(), row.begin(), row.end());
    yaw.push_back(poses[i]->yaw);
    pitch.push_back(poses[i]->pitch);
  }
  if (yaw.size() < kFewestPoses)
    throw Error("too few head poses are known", {}, std::to_string(kFewestPoses) + " or more",
                std::to_string(yaw.size()));
  result.count = static_cast<std::int64_t>(yaw.size());
  probe_angles(known, yaw, pitch, result);
  result.spread = spread_of(answers_by_pose(scores, poses));
  return result;
}

Json to_json(const PoseInvariance& result) {
  Json json{{"count", result.count},
            {"features", result.features},
            {"yaw", to_json(result.yaw)},
            {"pitch", to_json(result.pitch)},
            {"spread", nullptr}};
  if (const auto& spread = result.spread)
    json["spread"] = {{"groups", spread->groups},
                      {"std", spread->std},
                      {"best", spread->best},
                      {"worst", spread->worst},
                      {"difference", spread->difference},
                      {"interval", {spread->interval.low, spread->interval.high}},
                      {"by_chance", spread->by_chance},
                      {"chance", spread->chance}};
  return json;
}

}  // namespace regard

#pragma once

#include <optional>
#include <span>
#include <string>

#include "lab/metrics/by_pose.h"

/// How little a network's features and accuracy depend on head pose.
namespace regard {

/// How well an angle can be read from the features, in degrees; predictions are cross-validated.
struct AngleProbe {
  double r2 = 0;          ///< 1: exactly; 0: no better than the mean of all images; below 0: worse
  Interval interval;      ///< of r2, percentiles of a bootstrap over the images
  double error = 0;       ///< mean absolute error
  double mean_error = 0;  ///< the same if every image's angle is said to be the mean
};

/// How much accuracy varies over groups of poses (by_pose.h) that have at least 20 images each.
struct PoseSpread {
  std::size_t groups = 0;
  double std = 0;  ///< standard deviation of the groups' accuracies, as fractions
  std::string best, worst;
  double difference = 0;  ///< accuracy of the best group less that of the worst
  Interval interval;      ///< of it, percentiles of a bootstrap over the images of both groups
  /// The difference between best and worst group if poses were dealt out at random among images of the same
  /// label: its mean, and how often it is as large as the measured one.
  double by_chance = 0, chance = 0;
};

struct PoseInvariance {
  std::int64_t count = 0;                ///< images with a known pose
  std::size_t features = 0;              ///< d
  std::optional<AngleProbe> yaw, pitch;  ///< none of an angle that is the same on all images
  std::optional<PoseSpread> spread;      ///< none of fewer than two groups
};

/// A linear probe (Alain & Bengio, ICLR workshop 2017) by ridge regression in five folds, whose penalty is
/// chosen for each fold by the others, and the spread of accuracy. features: [n, d], for each row of the
/// scores. Throws Error for sizes that do not fit and if fewer than 10 poses are known.
PoseInvariance measure_pose_invariance(const Scores& scores, std::span<const float> features,
                                       std::span<const std::optional<HeadPose>> poses);

Json to_json(const PoseInvariance& result);

}  // namespace regard

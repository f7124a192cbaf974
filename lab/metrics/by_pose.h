#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lab/metrics/metrics.h"
#include "regard/core/geometry.h"
#include "regard/core/options.h"

/// Accuracy by head pose, and the errors of head poses predicted by a network.
namespace regard {

/// A group of similar head poses, by yaw and, if a set has several, by pitch: degrees, both ends included.
struct PoseGroup {
  std::string name;  ///< "yaw -30 to -15", "yaw 45", "yaw 30, pitch -15"
  Interval yaw, pitch;
  Metrics metrics;

  /// Whether a pose belongs to it; one on the border of two belongs to the first.
  bool holds(const HeadPose& pose) const;
};

/// Mean absolute differences from the known poses, in degrees.
struct PoseError {
  std::int64_t count = 0;
  double yaw = 0, pitch = 0, roll = 0;
};

struct ByPose {
  std::vector<PoseGroup> groups;   ///< those with images, from the leftmost
  std::int64_t unknown = 0;        ///< images whose head pose is not known; they are in no group
  std::optional<PoseError> error;  ///< of a network that tells angles itself

  /// The mean accuracy of the groups, as reported by papers on multi-view recognition.
  double mean_accuracy() const;
};

/// Groups images by their poses (one for each row of the scores). A set taken from few fixed views has a
/// group for each, any other one has bins of yaw with the ends 15, 30 and 45 degrees. None if no pose is
/// known.
std::optional<ByPose> measure_by_pose(const Scores& scores, std::span<const std::optional<HeadPose>> poses,
                                      double temperature);

/// `predicted`: yaw, pitch and roll of every row, [n, 3]. None if no pose is known.
std::optional<PoseError> pose_error(std::span<const float> predicted,
                                    std::span<const std::optional<HeadPose>> poses);

Json to_json(const ByPose& by_pose);

}  // namespace regard

#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lab/datasets/packing.h"
#include "regard/core/geometry.h"

/// Head poses of a data set's images, and lists of those that are turned away.
namespace regard {

struct PosedImage {
  std::string name;
  int label = -1;  ///< index of its majority label; -1 where there is none
  std::optional<HeadPose> pose;
};

/// The images of job.splits[0] in the set's order. `job.source`: the set's folder or .zip, or a packed one,
/// whose own poses are taken where it has some. Throws Error as read_dataset, and where another data set is
/// packed.
std::vector<PosedImage> find_poses(const Dataset& dataset, PackJob job);

/// Whether yaw or pitch is more than that many degrees to either side; roll does not count.
bool is_non_frontal(const HeadPose& pose, float degrees);

/// A table: name,label,yaw,pitch,roll; what is not known is empty.
std::string pose_table(std::span<const PosedImage> images, const std::vector<std::string>& labels);

/// Those with a majority label that are turned by more than `degrees`, as the authors of RAN list them
/// (data/lists.h): "0/fer0000000.jpg", whatever the image's own ending.
std::string pose_list(std::span<const PosedImage> images, float degrees);

}  // namespace regard

#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lab/datasets/packing.h"
#include "regard/core/geometry.h"

/// Head poses of the images of a data set, and lists of non-frontal ones.
namespace regard {

struct PosedImage {
  std::string name;
  int label = -1;  ///< index of its majority label; -1 where there is none
  std::optional<HeadPose> pose;
};

/// The images of job.splits[0] in the set's order. `job.source`: the set's folder or .zip, or a packed one,
/// whose own poses are used if it has them. Throws Error as read_dataset, and if another data set is packed.
std::vector<PosedImage> find_poses(const Dataset& dataset, PackJob job);

/// Whether |yaw| or |pitch| is above this number of degrees; roll is ignored.
bool is_non_frontal(const HeadPose& pose, float degrees);

/// A table: name,label,yaw,pitch,roll; unknown values are empty.
std::string pose_table(std::span<const PosedImage> images, const std::vector<std::string>& labels);

/// Images with a majority label and |yaw| or |pitch| above `degrees`, in the format of the authors of RAN
/// (lab/datasets/lists.h): "0/fer0000000.jpg", whatever the image's own ending.
std::string pose_list(std::span<const PosedImage> images, float degrees);

}  // namespace regard

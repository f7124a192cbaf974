#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include "regard/core/image.h"

namespace regard {

/// How a face looks to the two networks that know faces and not expressions.
struct FaceSigns {
  double score = 0;     ///< the best that the detector finds in the image, however low; 0 for none
  double presence = 0;  ///< how sure the mesh's network is of a face where the detector places it
};

/// How likely it is that something covers a face, 0 to 1: a logistic function of both, since what covers a
/// face makes it less of one to either. The weights were fitted on faces with and without a pasted occluder
/// (data/occluded_split.h), half of them of each, so that this is an order more than a probability:
/// docs/annotation.md says how well it sorts, and what else was tried.
double suspicion(const FaceSigns& signs);

/// That of each of these faces, which fill their images as chips do. `progress` is called with those that
/// are done. Throws Error where a network cannot be read.
std::vector<double> suspicions(std::span<const ImageView> chips, const std::filesystem::path& detector,
                               const std::filesystem::path& face_mesh,
                               const std::function<void(std::size_t done)>& progress = {});

}  // namespace regard

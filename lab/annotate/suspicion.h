#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include "regard/core/image.h"

namespace regard {

/// The confidence of two networks that know faces but not expressions.
struct FaceSigns {
  double score = 0;     ///< the best that the detector finds in the image, however low; 0 for none
  double presence = 0;  ///< confidence of the mesh network at the detector's landmarks
};

/// Suspicion that a face is occluded, 0 to 1: a logistic function of both confidences, since occlusion lowers
/// them. The weights were fitted on faces with and without a synthetic occluder
/// (lab/datasets/occluded_split.h), in equal numbers, so this is a ranking rather than a probability:
/// docs/annotation.md says how well it ranks, and what else was tried.
double suspicion(const FaceSigns& signs);

/// That of each of these faces, which fill their images as chips do. `progress` is called with those that are
/// done. Throws Error if a network cannot be read.
std::vector<double> suspicions(std::span<const ImageView> chips, const std::filesystem::path& detector,
                               const std::filesystem::path& face_mesh,
                               const std::function<void(std::size_t done)>& progress = {});

}  // namespace regard

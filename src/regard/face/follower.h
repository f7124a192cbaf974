#pragma once

#include <optional>

#include "regard/core/image.h"
#include "regard/face/detector.h"
#include "regard/face/head_pose.h"
#include "regard/face/upright.h"

namespace regard {

/// Follows faces from one frame of a clip to the next: each is looked for where it was, in a close-up, which
/// costs a small part of a search. Somebody who comes in is not seen. Can be called from several threads at
/// once.
class FaceFollower {
 public:
  /// Both must outlive it.
  FaceFollower(const Detector& detector, const HeadPoseEstimator& heads)
      : detector_(&detector), heads_(&heads) {}

  /// The faces of the next frame, in the order of those of the frame before. None if one of them is not found
  /// or has moved by more than a quarter of its width, if the mesh's network is not sure of a head
  /// (kSurePose), or if two turn out to be the same: then the frame is to be searched. Throws as
  /// Detector::look.
  std::optional<FoundFaces> follow(ImageView image, const FoundFaces& before) const;

 private:
  std::optional<Detection> next(ImageView image, const Detection& before) const;

  const Detector* detector_;
  const HeadPoseEstimator* heads_;
};

}  // namespace regard

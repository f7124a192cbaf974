#include "regard/face/follower.h"

#include <algorithm>
#include <vector>

namespace regard {
namespace {

// What overlaps less with the frame before (intersection over union) is another face, that comes out from
// behind this one: a face that moves by four times its width in a second overlaps by .76 at 30 frames a
// second.
constexpr float kSameFace = .6f;

bool any_twice(const std::vector<Detection>& faces, float overlap) {
  for (std::size_t i = 0; i < faces.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (intersection_over_union(faces[i].box, faces[j].box) > overlap) return true;
  return false;
}

}  // namespace

std::optional<Detection> FaceFollower::next(ImageView image, const Detection& before) const {
  const float roll = pose_of_landmarks(before.landmarks).roll;
  auto face = detector_->look(image, before.box, roll, detector_->options().min_score);
  if (!face || intersection_over_union(before.box, face->box) < kSameFace) return {};
  if (!detector_->refine(image, *face)) return {};
  return face;
}

std::optional<FoundFaces> FaceFollower::follow(ImageView image, const FoundFaces& before) const {
  FoundFaces found;
  std::vector<HeadView> heads;
  for (const auto& face : before.faces) {
    const auto seen = next(image, face);
    if (!seen) return {};
    found.faces.push_back(*seen);
    heads.push_back({image, seen->landmarks});
  }
  if (any_twice(found.faces, detector_->options().overlap)) return {};
  found.poses = heads_->estimate(heads);
  const bool sure =
      std::ranges::all_of(found.poses, [](const auto& pose) { return pose.presence >= kSurePose; });
  return sure ? std::optional(std::move(found)) : std::nullopt;
}

}  // namespace regard

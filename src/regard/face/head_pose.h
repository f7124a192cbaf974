#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "regard/core/geometry.h"
#include "regard/core/image.h"

namespace regard {

/// Where to look for a head.
struct HeadView {
  ImageView image;
  Landmarks landmarks;  ///< in pixels of the image, approximately
};

struct HeadEstimate {
  HeadPose pose;
  float presence = 0;  ///< confidence of the network that there is a face, 0 to 1
};

/// Estimates head poses: a network (Kartynnik et al., Real-time Facial Surface Geometry from Monocular Video
/// on Mobile GPUs, 2019) fits a mesh of 468 points in 3D to the face; the pose is the rotation from a neutral
/// face to the mesh. Errors are in models/mediapipe-face-landmark.md.
///
/// The rotation is that of the face as seen by a distant camera, decomposed into pitch about the axis from
/// ear to ear, then yaw about the vertical of the image, then roll in the image. So rotating the image only
/// changes roll, and flipping it changes the signs of yaw and roll. At a yaw of 90 degrees pitch and roll
/// coincide.
///
/// `estimate` may be called from several threads at once.
class HeadPoseEstimator {
 public:
  /// `network`: MediaPipe's face_landmark.tflite. `threads` 0: one per core. `streams`: number of concurrent
  /// calls, each with `threads` threads; others wait. Throws Error if the file cannot be read.
  explicit HeadPoseEstimator(const std::filesystem::path& network, int threads = 0, int streams = 1);
  ~HeadPoseEstimator();
  HeadPoseEstimator(HeadPoseEstimator&&) noexcept;
  HeadPoseEstimator& operator=(HeadPoseEstimator&&) noexcept;

  /// One estimate a head, in order. Throws Error for empty images and for landmarks that coincide or are
  /// not finite.
  std::vector<HeadEstimate> estimate(std::span<const HeadView> heads) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Minimum confidence of the network for its pose to be used: in FERPlus' validation split it is below this
/// for 2 of 100 faces, most of them profiles, rotated faces or behind hands.
inline constexpr float kSurePose = .5f;

/// The pose of a face that fills an image, as chips do. The network runs at the average landmarks of such
/// faces (`usual`, in pixels of the image) and, if it is unsure, at the face's own, if known. If it finds no
/// face either way and the own landmarks are those of a profile, the pose is computed from them. None
/// otherwise. Throws as HeadPoseEstimator::estimate.
std::optional<HeadPose> pose_of_face(const HeadPoseEstimator& estimator, ImageView image,
                                     const Landmarks& usual, const std::optional<Landmarks>& own);

/// The pose according to five landmarks: yaw from the offset of the nose from the middle, in distances
/// between the eyes; roll from eyes and mouth; pitch, which they do not determine, is 0. On 166 rendered
/// heads of 48 pixels (bench/rendered_heads.py) on which YuNet saw a face, yaw was off by 7 to 9 degrees on
/// average up to a yaw of 75, and too small by 21 beyond.
HeadPose pose_of_landmarks(const Landmarks& landmarks);

/// The pose of a mesh: 468 points x, y, z in one unit, x to the right, y down, z away from the camera. The
/// rotation of the weighted least squares (Horn, JOSA A 1987).
HeadPose pose_of_mesh(std::span<const float> mesh);

}  // namespace regard

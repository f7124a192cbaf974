#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "regard/core/geometry.h"
#include "regard/core/image.h"

namespace regard {

/// Where a head is to be looked for.
struct HeadView {
  ImageView image;
  Landmarks landmarks;  ///< in the image's pixels; roughly is enough
};

struct HeadEstimate {
  HeadPose pose;
  float presence = 0;  ///< how sure the network is that it sees a face there, 0 to 1
};

/// Estimates how heads are turned: a network (Kartynnik et al., Real-time Facial Surface Geometry from
/// Monocular Video on Mobile GPUs, 2019) places a mesh of 468 points in space on the face; the rotation that
/// takes a resting face's points to it is the pose. Errors are in models/mediapipe-face-landmark.md.
///
/// The rotation is that of the face as seen by a camera far away, read as: first pitch about the axis from
/// ear to ear, then yaw about the image's vertical, then roll in the image. So roll alone changes when
/// the image is turned, and mirroring the image changes the signs of yaw and roll. At a yaw of 90 degrees
/// pitch and roll are one and the same.
///
/// `estimate` may be called from several threads at once.
class HeadPoseEstimator {
 public:
  /// `network`: MediaPipe's face_landmark.tflite. `threads` 0: as many as there are cores. `streams`: calls
  /// that run at the same time, each with `threads` threads; more wait. Throws Error where the file cannot be
  /// read.
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

/// How surely the network has to see a face for its pose to be believed: on FERPlus' validation part it is
/// less sure of 2 in 100 faces, most of them profiles, lying on their side or behind hands.
inline constexpr float kSurePose = .5f;

/// The pose of a face that fills an image, as chips do. The network looks where such faces have their
/// landmarks
/// (`usual`, in the image's pixels), and, where it is in doubt there, at the face's own, if they are known.
/// Where it sees none either way and the own landmarks are those of a profile, theirs is the pose. None
/// otherwise. Throws as HeadPoseEstimator::estimate.
std::optional<HeadPose> pose_of_face(const HeadPoseEstimator& estimator, ImageView image,
                                     const Landmarks& usual, const std::optional<Landmarks>& own);

/// How the head is turned as far as five landmarks say: yaw by how far the nose lies off the middle, in
/// distances between the eyes; roll by eyes and mouth together; pitch, which they do not tell, is 0. On 166
/// rendered heads of 48 pixels (bench/rendered_heads.py) on which YuNet saw a face, yaw was off by 7 to 9
/// degrees on average up to a yaw of 75, and too small by 21 beyond.
HeadPose pose_of_landmarks(const Landmarks& landmarks);

/// The pose of a mesh: 468 points x, y, z in one unit, x to the right, y down, z away from the camera. The
/// rotation of the weighted least squares (Horn, JOSA A 1987).
HeadPose pose_of_mesh(std::span<const float> mesh);

}  // namespace regard

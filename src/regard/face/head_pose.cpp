#include "regard/face/head_pose.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/core.hpp>
#include <openvino/core/preprocess/pre_post_process.hpp>
#include <string>

#include "regard/core/error.h"
#include "regard/core/file.h"
#include "regard/core/file_cache.h"
#include "regard/core/pool.h"
#include "regard/face/alignment.h"
#include "regard/openvino/batches.h"
#include "regard/openvino/compiled.h"
#include "regard/openvino/settings.h"

namespace regard {
namespace {

constexpr std::size_t kPoints = 468;
constexpr std::size_t kMesh = 3 * kPoints;
constexpr int kSide = 192;
// Passes per face: the first one at its landmarks, each further one at the previous mesh.
constexpr int kPasses = 2;
// Side of the network's input, in heights (or widths) of the mesh, as in its training.
constexpr float kRoom = 1.5f;
// Height of the mesh in distances between the eyes, and between eyes and mouth, for the neutral face below.
constexpr float kHeightPerEyes = 2.80f, kHeightPerMouth = 2.52f;

// Pitch of the neutral face below, in degrees: without it, bench/head_pose.py measured this pitch on rendered
// heads with |yaw| < 45 that look straight ahead.
constexpr double kRestingPitch = -6;

// Above this confidence, no second position is tried.
constexpr float kNoDoubt = .9f;

// Tangent of yaw per offset of the nose from the middle, in distances between the eyes: the best fit on
// rendered heads with known yaw (least mean absolute error).
constexpr double kNosePerEyes = 2.15;

// Above this yaw, in degrees, landmarks are taken for those of a profile; this holds for all 12 such faces in
// FERPlus' validation split.
constexpr float kProfile = 45;

/// A point of the neutral face, in centimetres: x to the right of the image, y up, z towards the camera.
/// `mirrored` is the point at -x.
struct RestingPoint {
  std::size_t point, mirrored;
  double x, y, z, weight;
};

// The points that move little with the expression, and their weights: MediaPipe's canonical face model and
// its procrustes_landmark_basis
// (mediapipe/modules/face_geometry/data/geometry_pipeline_metadata_landmarks.pbtxt, Apache-2.0, Copyright
// 2020 The MediaPipe Authors).
constexpr std::array<RestingPoint, 18> kRestingFace{{
    {4, 4, 0, -0.463170, 7.586580, 0.070909939706326},
    {6, 6, 0, 2.473255, 5.788627, 0.032100144773722},
    {10, 10, 0, 8.261778, 4.481535, 0.008446550928056},
    {33, 263, -4.445859, 2.663991, 3.173422, 0.058724168688059},
    {54, 284, -6.279331, 6.615427, 1.425850, 0.007667080033571},
    {67, 297, -3.523964, 8.005976, 3.729163, 0.009078059345484},
    {117, 346, -5.258659, 0.945811, 2.974312, 0.009791937656701},
    {119, 348, -3.300681, 0.861641, 3.872784, 0.014565368182957},
    {121, 350, -1.820731, 1.467954, 4.224124, 0.018591361120343},
    {127, 356, -7.743095, 2.364999, -2.005167, 0.005197994410992},
    {129, 358, -1.785794, -0.978284, 4.850470, 0.120625205338001},
    {132, 361, -7.270895, -2.890917, -2.252455, 0.005560018587857},
    {133, 362, -1.856432, 2.585245, 3.757904, 0.05328618362546},
    {136, 365, -5.085276, -7.178590, 0.714711, 0.066890455782413},
    {143, 372, -6.407571, 2.236021, 1.560843, 0.014816547743976},
    {147, 376, -6.234883, -1.944430, 1.663542, 0.014262833632529},
    {198, 420, -1.246815, 0.230297, 5.681036, 0.025462191551924},
    {205, 425, -3.832928, -1.537326, 4.137731, 0.047252278774977},
}};

struct Pair {
  cv::Vec3d resting, seen;
  double weight;
};

/// The weighted points of both faces, each face about its own weighted mean.
std::vector<Pair> centred_pairs(std::span<const float> mesh) {
  std::vector<Pair> pairs;
  const auto add = [&](std::size_t point, cv::Vec3d resting, double weight) {
    const float* p = &mesh[3 * point];
    pairs.push_back({resting, {p[0], -p[1], -p[2]}, weight});
  };
  for (const auto& p : kRestingFace) {
    add(p.point, {p.x, p.y, p.z}, p.weight);
    if (p.mirrored != p.point) add(p.mirrored, {-p.x, p.y, p.z}, p.weight);
  }
  cv::Vec3d resting, seen;
  double sum = 0;
  for (const auto& p : pairs) resting += p.weight * p.resting, seen += p.weight * p.seen, sum += p.weight;
  for (auto& p : pairs) p.resting -= resting / sum, p.seen -= seen / sum;
  return pairs;
}

/// The rotation that best aligns the neutral face with the mesh: the eigenvector of the largest eigenvalue,
/// as a quaternion (Horn, section 4).
cv::Matx33d rotation_of(std::span<const float> mesh) {
  cv::Matx33d s = cv::Matx33d::zeros();
  for (const auto& p : centred_pairs(mesh)) s += p.weight * p.resting * p.seen.t();
  const double a = s(1, 2) - s(2, 1), b = s(2, 0) - s(0, 2), c = s(0, 1) - s(1, 0);
  const double xy = s(0, 1) + s(1, 0), xz = s(0, 2) + s(2, 0), yz = s(1, 2) + s(2, 1);
  const cv::Matx44d n(s(0, 0) + s(1, 1) + s(2, 2), a, b, c,    //
                      a, s(0, 0) - s(1, 1) - s(2, 2), xy, xz,  //
                      b, xy, s(1, 1) - s(0, 0) - s(2, 2), yz,  //
                      c, xz, yz, s(2, 2) - s(0, 0) - s(1, 1));
  cv::Vec4d values;
  cv::Matx44d vectors;
  cv::eigen(n, values, vectors);
  const double w = vectors(0, 0), x = vectors(0, 1), y = vectors(0, 2), z = vectors(0, 3);
  return {1 - 2 * (y * y + z * z), 2 * (x * y - w * z),     2 * (x * z + w * y),
          2 * (x * y + w * z),     1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
          2 * (x * z - w * y),     2 * (y * z + w * x),     1 - 2 * (x * x + y * y)};
}

/// From the pixels of a square to the image's, centred at `middle` and rotated clockwise.
Affine square_at(Point middle, float side, double clockwise) {
  const float a = side / kSide * static_cast<float>(std::cos(clockwise));
  const float b = side / kSide * static_cast<float>(std::sin(clockwise));
  const float half = kSide / 2.f;
  return {{a, -b, middle.x - half * (a - b), b, a, middle.y - half * (b + a)}};
}

Point between(Point a, Point b) {
  return {(a.x + b.x) / 2, (a.y + b.y) / 2};
}

/// The frame of a face, from its five landmarks.
struct Frame {
  Point middle, across, down;  ///< from eye to eye; from the middle of the eyes to the middle of the mouth
  double roll;                 ///< clockwise, as eyes and mouth say together
};

Frame frame_of(const Landmarks& face) {
  const Point eyes = between(face[0], face[1]), mouth = between(face[3], face[4]);
  const Point across{face[1].x - face[0].x, face[1].y - face[0].y};
  const Point down{mouth.x - eyes.x, mouth.y - eyes.y};
  return {between(eyes, mouth), across, down, std::atan2(across.y - down.x, across.x + down.y)};
}

/// The network's input square for a face with these landmarks: its size follows the longer of the two
/// distances, since rotating a head shortens one of them.
Affine square_of(const Landmarks& face) {
  const auto [middle, across, down, roll] = frame_of(face);
  const float height =
      std::max(kHeightPerEyes * std::hypot(across.x, across.y), kHeightPerMouth * std::hypot(down.x, down.y));
  return square_at(middle, kRoom * height, roll);
}

/// The square around a mesh that lies in the square `seen`.
Affine square_of(std::span<const float> mesh, const HeadPose& pose, const Affine& seen) {
  const double roll = pose.roll * M_PI / 180, c = std::cos(roll), s = std::sin(roll);
  double left = INFINITY, right = -INFINITY, top = INFINITY, bottom = -INFINITY;
  for (std::size_t i = 0; i < mesh.size(); i += 3) {
    const double x = c * mesh[i] + s * mesh[i + 1], y = c * mesh[i + 1] - s * mesh[i];
    left = std::min(left, x), right = std::max(right, x), top = std::min(top, y),
    bottom = std::max(bottom, y);
  }
  const double x = (left + right) / 2, y = (top + bottom) / 2;
  const Point middle{static_cast<float>(c * x - s * y), static_cast<float>(s * x + c * y)};
  const float side = kRoom * static_cast<float>(std::max(right - left, bottom - top));
  return compose(seen, square_at(middle, side, roll));
}

/// The state of a head between two passes.
struct Head {
  ImageView image;
  Affine square;  ///< next input square
  HeadEstimate estimate;
};

/// The face mesh network for any number of faces, RGB bytes in. `bytes`: those of the file.
std::shared_ptr<ov::Model> read_face_mesh(ov::Core& core, const std::filesystem::path& path,
                                          std::string_view bytes) {
  // OpenVINO tries all its readers on an unknown file, and some of them print.
  if (bytes.substr(0, 8).find("TFL3", 4) == std::string::npos)
    throw Error("is no TensorFlow Lite network", path.string());
  auto model = core.read_model(path.string());
  model->reshape(ov::PartialShape{-1, kSide, kSide, 3});
  ov::preprocess::PrePostProcessor steps(model);
  steps.input().tensor().set_element_type(ov::element::u8);
  steps.input().preprocess().convert_element_type(ov::element::f32).scale(255);
  model = steps.build();
  if (model->outputs().size() != 2 || model->output(0).get_partial_shape()[3] != kMesh ||
      model->output(1).get_partial_shape()[3] != 1)
    throw Error("is no network that places a face mesh", path.string());
  return model;
}

float degrees(double radians) {
  return static_cast<float>(radians * 180 / M_PI);
}

}  // namespace

HeadPose pose_of_mesh(std::span<const float> mesh) {
  if (mesh.size() != kMesh)
    throw Error("mesh has the wrong size", "mesh", std::to_string(kMesh), std::to_string(mesh.size()));
  const double c = std::cos(kRestingPitch * M_PI / 180), s = std::sin(kRestingPitch * M_PI / 180);
  const cv::Matx33d r = rotation_of(mesh) * cv::Matx33d(1, 0, 0, 0, c, -s, 0, s, c);
  return {degrees(std::atan2(-r(2, 0), std::hypot(r(0, 0), r(1, 0)))), degrees(std::atan2(-r(2, 1), r(2, 2))),
          degrees(std::atan2(-r(1, 0), r(0, 0)))};
}

struct HeadPoseEstimator::Impl {
  CompiledNetwork network;
  Pool<ov::InferRequest> requests;

  /// Runs one pass on each head; the mesh is accepted if the network is at least as confident as before.
  void run_pass(ov::InferRequest& request, std::span<Head> heads) {
    ov::Tensor input(ov::element::u8, {heads.size(), kSide, kSide, 3});
    auto* pixels = input.data<std::uint8_t>();
    for (const auto& head : heads) {
      const Image square = cut_chip(head.image, head.square, kSide);
      pixels = std::copy(square.pixels.begin(), square.pixels.end(), pixels);
    }
    request.set_input_tensor(input);
    request.infer();
    const float* meshes = request.get_output_tensor(0).data<const float>();
    const float* logits = request.get_output_tensor(1).data<const float>();
    for (std::size_t i = 0; i < heads.size(); ++i)
      take(heads[i], {meshes + i * kMesh, kMesh}, 1 / (1 + std::exp(-logits[i])));
  }

  static void take(Head& head, std::span<const float> mesh, float presence) {
    if (presence < head.estimate.presence) return;
    const HeadPose pose = pose_of_mesh(mesh);
    const Affine& m = head.square;
    const float turned = degrees(std::atan2(m.m[3], m.m[0]));
    const float roll = std::remainder(pose.roll + turned, 360.f);  // -180 is 180
    head.estimate = {{pose.yaw, pose.pitch, roll > -180 ? roll : 180}, presence};
    head.square = square_of(mesh, pose, m);
  }
};

HeadPoseEstimator::HeadPoseEstimator(const std::filesystem::path& network, int threads, int streams)
    : impl_(std::make_unique<Impl>()) {
  const std::string bytes = read_text(network);
  const auto build = [&](ov::Core& core) { return read_face_mesh(core, network, bytes); };
  try {
    impl_->network =
        compile_network({"face mesh " + std::to_string(quick_hash(std::as_bytes(std::span(bytes)))), build},
                        cpu_settings(ov::element::f32, threads, streams));
  } catch (const ov::Exception& error) {
    throw Error("face mesh cannot be loaded", network.string(), {}, error.what());
  }
}

HeadPoseEstimator::~HeadPoseEstimator() = default;
HeadPoseEstimator::HeadPoseEstimator(HeadPoseEstimator&&) noexcept = default;
HeadPoseEstimator& HeadPoseEstimator::operator=(HeadPoseEstimator&&) noexcept = default;

std::vector<HeadEstimate> HeadPoseEstimator::estimate(std::span<const HeadView> views) const {
  std::vector<Head> heads;
  for (const auto& [image, landmarks] : views) heads.push_back({image, square_of(landmarks), {}});
  try {
    auto request = impl_->requests.take([this] { return impl_->network.model.create_infer_request(); });
    in_batches(heads.size(), [&](std::size_t first, std::size_t size) {
      for (int pass = 0; pass < kPasses; ++pass)
        impl_->run_pass(*request, std::span(heads).subspan(first, size));
    });
  } catch (const ov::Exception& error) {
    throw Error("face mesh cannot be run", {}, {}, error.what());
  }
  std::vector<HeadEstimate> estimates;
  for (const auto& head : heads) estimates.push_back(head.estimate);
  return estimates;
}

HeadPose pose_of_landmarks(const Landmarks& landmarks) {
  const auto [middle, across, down, roll] = frame_of(landmarks);
  const double x = landmarks[2].x - middle.x, y = landmarks[2].y - middle.y;
  const double aside = std::cos(roll) * x + std::sin(roll) * y;
  return {degrees(std::atan2(kNosePerEyes * aside, std::hypot(across.x, across.y))), 0, degrees(roll)};
}

std::optional<HeadPose> pose_of_face(const HeadPoseEstimator& estimator, ImageView image,
                                     const Landmarks& usual, const std::optional<Landmarks>& own) {
  const auto estimate_at = [&](const Landmarks& landmarks) {
    const HeadView view{image, landmarks};
    return estimator.estimate({&view, 1})[0];
  };
  HeadEstimate best = estimate_at(usual);
  if (own && best.presence < kNoDoubt)
    if (const HeadEstimate other = estimate_at(*own); other.presence > best.presence) best = other;
  if (best.presence >= kSurePose) return best.pose;
  if (!own) return {};
  const HeadPose profile = pose_of_landmarks(*own);
  return std::abs(profile.yaw) >= kProfile ? std::optional(profile) : std::nullopt;
}

}  // namespace regard

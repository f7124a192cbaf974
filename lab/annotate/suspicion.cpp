#include "lab/annotate/suspicion.h"

#include <algorithm>
#include <cmath>

#include "regard/core/chip.h"
#include "regard/core/ordered_map.h"
#include "regard/core/parallel.h"
#include "regard/face/detector.h"
#include "regard/face/head_pose.h"

namespace regard {
namespace {

// Fitted by logistic regression on 156 faces of FERPlus' validation split with and without an occluder.
constexpr double kOfScore = -4.7, kOfPresence = -.115, kOffset = 4.7;
// Keeps the logarithm finite: presence can be very close to 0 and 1.
constexpr double kLeast = 1e-4;
constexpr float kLowestScore = .1f;

/// The estimators, for `workers` concurrent threads.
struct Networks {
  Detector detector;
  HeadPoseEstimator estimator;

  Networks(const std::filesystem::path& network, const std::filesystem::path& face_mesh, int workers)
      : detector(network, {.min_score = kLowestScore, .threads = 1, .streams = workers}),
        estimator(face_mesh, 1, workers) {}

  FaceSigns run(ImageView chip) const {
    FaceSigns signs;
    Landmarks landmarks = landmark_places(ChipOptions{});
    for (Point& p : landmarks)
      p = {p.x * static_cast<float>(chip.width), p.y * static_cast<float>(chip.height)};
    const auto inside = [&](const Detection& face) {
      const float x = face.box.x + face.box.width / 2, y = face.box.y + face.box.height / 2;
      return x > 0 && y > 0 && x < static_cast<float>(chip.width) && y < static_cast<float>(chip.height);
    };
    const auto faces = detector.detect(chip);  // best first
    if (const auto face = std::find_if(faces.begin(), faces.end(), inside); face != faces.end())
      signs.score = face->score, landmarks = face->landmarks;
    const HeadView view{chip, landmarks};
    signs.presence = estimator.estimate({&view, 1})[0].presence;
    return signs;
  }
};

}  // namespace

double suspicion(const FaceSigns& signs) {
  const double logit = std::log((signs.presence + kLeast) / (1 - signs.presence + kLeast));
  return 1 / (1 + std::exp(-(kOffset + kOfScore * signs.score + kOfPresence * logit)));
}

std::vector<double> suspicions(std::span<const ImageView> chips, const std::filesystem::path& detector,
                               const std::filesystem::path& face_mesh,
                               const std::function<void(std::size_t done)>& progress) {
  const auto workers = usual_threads();
  const Networks networks(detector, face_mesh, static_cast<int>(workers));
  std::vector<double> found;
  map_in_order(
      counted(chips.size()), [&](std::size_t i) { return suspicion(networks.run(chips[i])); },
      [&](auto result) {
        found.push_back(result.get());
        if (progress) progress(found.size());
      },
      {.workers = workers});
  return found;
}

}  // namespace regard

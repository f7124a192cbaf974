#include "lab/annotate/suspicion.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "regard/core/chip.h"
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
constexpr std::size_t kAtOnce = 64;

/// The estimators of one thread.
struct Worker {
  Detector detector;
  HeadPoseEstimator estimator;

  Worker(const std::filesystem::path& network, const std::filesystem::path& face_mesh)
      : detector(network, DetectorOptions{.min_score = kLowestScore, .threads = 1}),
        estimator(face_mesh, 1) {}

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
  std::vector<std::unique_ptr<Worker>> workers;
  for (std::size_t i = 0; i < usual_threads(); ++i)
    workers.push_back(std::make_unique<Worker>(detector, face_mesh));
  std::vector<double> found(chips.size());
  for (std::size_t done = 0; done < chips.size();) {
    const auto count = std::min(kAtOnce, chips.size() - done);
    for_each_index(count, workers.size(), [&](std::size_t thread, std::size_t i) {
      found[done + i] = suspicion(workers[thread]->run(chips[done + i]));
    });
    done += count;
    if (progress) progress(done);
  }
  return found;
}

}  // namespace regard

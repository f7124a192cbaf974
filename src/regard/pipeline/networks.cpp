#include "regard/pipeline/networks.h"

#include <algorithm>
#include <future>
#include <utility>

#include "regard/core/parallel.h"
#include "regard/core/range_check.h"
#include "regard/pipeline/model_files.h"

namespace regard {
namespace {

/// Divides the cores among the jobs unless the number of threads is given.
RecognizerOptions shared_out(RecognizerOptions options) {
  check_range(options.jobs >= 1, "jobs", "1 or more", options.jobs);
  const int cores = jobs_or_cores(0);
  const auto share = [&](int& threads) {
    if (threads == 0 && options.jobs > 1) threads = std::max(1, cores / options.jobs);
  };
  share(options.detector.threads), share(options.engine.threads);
  options.detector.streams = options.engine.streams = options.jobs;
  return options;
}

}  // namespace

Networks load_networks(const std::function<Model()>& read, const RecognizerOptions& asked) {
  const auto options = shared_out(asked);
  auto faces = std::async(std::launch::async, [&] {
    Detector detector(detector_file(), options.detector);
    return std::pair(std::move(detector),
                     HeadPoseEstimator(face_mesh_file(), options.engine.threads, options.jobs));
  });
  Model model = read();
  Engine engine(model, options.engine);
  auto [detector, head_pose] = faces.get();
  return {std::move(model), std::move(detector), std::move(head_pose), std::move(engine)};
}

}  // namespace regard

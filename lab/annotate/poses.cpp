#include "lab/annotate/poses.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>

#include "regard/core/chip.h"
#include "regard/core/error.h"
#include "regard/core/parallel.h"
#include "regard/face/head_pose.h"

namespace regard {
namespace {

constexpr std::size_t kAtOnce = 64;

/// Landmarks in the pixels of a square image.
Landmarks in_pixels(Landmarks places, int side) {
  for (Point& p : places) p = {p.x * static_cast<float>(side), p.y * static_cast<float>(side)};
  return places;
}

/// The estimators of one thread.
struct Worker {
  HeadPoseEstimator estimator;
  Detector detector;

  explicit Worker(const PackJob& job)
      : estimator(job.face_mesh, 1), detector(job.detector, DetectorOptions{.threads = 1}) {}

  std::optional<HeadPose> run(const PackedDataset& set, std::int64_t index) const {
    const Image chip = set.image(index);
    auto own = set.landmarks(index);
    if (own) own = in_pixels(*own, set.size());
    if (!own) own = find_landmarks(detector, chip);
    return pose_of_face(estimator, chip, in_pixels(landmark_places(ChipOptions{}), set.size()), own);
  }
};

void estimate_poses(const PackedDataset& set, std::span<const std::int64_t> indices, const PackJob& job,
                    std::vector<PosedImage>& images) {
  std::vector<std::unique_ptr<Worker>> workers;
  for (std::size_t i = 0; i < usual_threads(); ++i) workers.push_back(std::make_unique<Worker>(job));
  for (std::size_t done = 0; done < indices.size();) {
    const auto count = std::min(kAtOnce, indices.size() - done);
    for_each_index(count, workers.size(), [&](std::size_t thread, std::size_t i) {
      images[done + i].pose = workers[thread]->run(set, indices[done + i]);
    });
    done += count;
    if (job.progress)
      job.progress(static_cast<std::int64_t>(done), static_cast<std::int64_t>(indices.size()));
  }
}

std::vector<PosedImage> poses_of_packed(const Dataset& dataset, const PackJob& job) {
  const auto set = PackedDataset::open(job.source);
  if (set.dataset() != dataset.name)
    throw Error("another data set is packed there", job.source.string(), dataset.name, set.dataset());
  const auto indices = set.indices(job.splits.at(0), /*majority_only=*/false);
  std::vector<PosedImage> images;
  for (const auto i : indices) images.push_back({set.name(i), set.label(i), set.pose(i)});
  const bool known = std::any_of(images.begin(), images.end(), [](const auto& p) { return p.pose; });
  if (!known) estimate_poses(set, indices, job, images);
  return images;
}

std::string shown(float degrees) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", static_cast<double>(degrees));
  return text;
}

}  // namespace

std::vector<PosedImage> find_poses(const Dataset& dataset, PackJob job) {
  if (is_packed(job.source)) return poses_of_packed(dataset, job);
  job.options.pose = true;
  std::vector<PosedImage> images;
  for (const auto& sample : read_dataset(dataset, job).samples)
    images.push_back({sample.name, sample.label, sample.pose});
  return images;
}

bool is_non_frontal(const HeadPose& pose, float degrees) {
  return std::abs(pose.yaw) > degrees || std::abs(pose.pitch) > degrees;
}

std::string pose_table(std::span<const PosedImage> images, const std::vector<std::string>& labels) {
  std::string lines = "name,label,yaw,pitch,roll\n";
  for (const auto& [name, label, pose] : images) {
    lines += name + ',';
    if (label >= 0) lines += labels.at(static_cast<std::size_t>(label));
    for (const float HeadPose::*angle : {&HeadPose::yaw, &HeadPose::pitch, &HeadPose::roll}) {
      lines += ',';
      if (pose) lines += shown((*pose).*angle);
    }
    lines += '\n';
  }
  return lines;
}

std::string pose_list(std::span<const PosedImage> images, float degrees) {
  std::string lines;
  for (const auto& [name, label, pose] : images)
    if (label >= 0 && pose && is_non_frontal(*pose, degrees))
      lines += std::to_string(label) + "/" + std::filesystem::path(name).stem().string() + ".jpg\n";
  return lines;
}

}  // namespace regard

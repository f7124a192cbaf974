#include "lab/annotate/poses.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "regard/core/chip.h"
#include "regard/core/csv.h"
#include "regard/core/error.h"
#include "regard/core/ordered_map.h"
#include "regard/core/parallel.h"
#include "regard/face/head_pose.h"

namespace regard {
namespace {

/// Landmarks in the pixels of a square image.
Landmarks in_pixels(Landmarks places, int side) {
  for (Point& p : places) p = {p.x * static_cast<float>(side), p.y * static_cast<float>(side)};
  return places;
}

/// The estimators, for `workers` concurrent threads.
struct Networks {
  HeadPoseEstimator estimator;
  Detector detector;

  Networks(const PackJob& job, int workers)
      : estimator(job.face_mesh, 1, workers), detector(job.detector, {.threads = 1, .streams = workers}) {}

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
  const auto workers = usual_threads();
  const Networks networks(job, static_cast<int>(workers));
  const auto total = static_cast<std::int64_t>(indices.size());
  std::int64_t done = 0;
  map_in_order(
      counted(indices.size()), [&](std::size_t i) { return networks.run(set, indices[i]); },
      [&](auto result) {
        images[static_cast<std::size_t>(done++)].pose = result.get();
        if (job.progress) job.progress(done, total);
      },
      {.workers = workers});
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
    lines += csv_field(name) + ',';
    if (label >= 0) lines += csv_field(labels.at(static_cast<std::size_t>(label)));
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

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

/// Landmarks in the pixels of a square picture.
Landmarks in_pixels(Landmarks places, int side) {
  for (Point& p : places) p = {p.x * static_cast<float>(side), p.y * static_cast<float>(side)};
  return places;
}

/// What looks at chips in one thread.
struct Looker {
  HeadPoseEstimator estimator;
  Detector detector;

  explicit Looker(const PackJob& job)
      : estimator(job.face_mesh, 1), detector(job.detector, DetectorOptions{.threads = 1}) {}

  std::optional<HeadPose> look(const PackedDataset& set, std::int64_t index) const {
    const Image chip = set.image(index);
    auto own = set.landmarks(index);
    if (own) own = in_pixels(*own, set.size());
    if (!own) own = find_landmarks(detector, chip);
    return pose_of_face(estimator, chip, in_pixels(landmark_places(ChipOptions{}), set.size()), own);
  }
};

void look_at_all(const PackedDataset& set, std::span<const std::int64_t> indices, const PackJob& job,
                 std::vector<PosedPicture>& pictures) {
  std::vector<std::unique_ptr<Looker>> lookers;
  for (std::size_t i = 0; i < usual_threads(); ++i) lookers.push_back(std::make_unique<Looker>(job));
  for (std::size_t done = 0; done < indices.size();) {
    const auto count = std::min(kAtOnce, indices.size() - done);
    for_each_index(count, lookers.size(), [&](std::size_t thread, std::size_t i) {
      pictures[done + i].pose = lookers[thread]->look(set, indices[done + i]);
    });
    done += count;
    if (job.progress)
      job.progress(static_cast<std::int64_t>(done), static_cast<std::int64_t>(indices.size()));
  }
}

std::vector<PosedPicture> poses_of_packed(const Dataset& dataset, const PackJob& job) {
  const auto set = PackedDataset::open(job.source);
  if (set.dataset() != dataset.name)
    throw Error("another data set is packed there", job.source.string(), dataset.name, set.dataset());
  const auto indices = set.indices(job.splits.at(0), /*majority_only=*/false);
  std::vector<PosedPicture> pictures;
  for (const auto i : indices) pictures.push_back({set.name(i), set.label(i), set.pose(i)});
  const bool known = std::any_of(pictures.begin(), pictures.end(), [](const auto& p) { return p.pose; });
  if (!known) look_at_all(set, indices, job, pictures);
  return pictures;
}

std::string shown(float degrees) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", static_cast<double>(degrees));
  return text;
}

}  // namespace

std::vector<PosedPicture> find_poses(const Dataset& dataset, PackJob job) {
  if (is_packed(job.source)) return poses_of_packed(dataset, job);
  job.options.pose = true;
  std::vector<PosedPicture> pictures;
  for (const auto& sample : read_dataset(dataset, job).samples)
    pictures.push_back({sample.name, sample.label, sample.pose});
  return pictures;
}

bool is_turned(const HeadPose& pose, float degrees) {
  return std::abs(pose.yaw) > degrees || std::abs(pose.pitch) > degrees;
}

std::string pose_table(std::span<const PosedPicture> pictures, const std::vector<std::string>& labels) {
  std::string lines = "name,label,yaw,pitch,roll\n";
  for (const auto& [name, label, pose] : pictures) {
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

std::string pose_list(std::span<const PosedPicture> pictures, float degrees) {
  std::string lines;
  for (const auto& [name, label, pose] : pictures)
    if (label >= 0 && pose && is_turned(*pose, degrees))
      lines += std::to_string(label) + "/" + std::filesystem::path(name).stem().string() + ".jpg\n";
  return lines;
}

}  // namespace regard

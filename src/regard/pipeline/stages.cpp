#include "regard/pipeline/stages.h"

#include <algorithm>
#include <utility>

#include "regard/face/alignment.h"
#include "regard/face/follower.h"
#include "regard/network/network.h"

namespace regard {
namespace {

ModelInfo info_of(const Model& model) {
  return {.name = model.name,
          .file_hash = model.file_hash,
          .licence = model.licence,
          .source = model.source,
          .labels = model.labels,
          .chip = model.chip()};
}

/// The places of a face's views according to the network.
std::vector<Affine> places_of(const Predictions& predictions, std::size_t row) {
  std::vector<Affine> places(predictions.views);
  auto number = predictions.places.begin() + static_cast<std::ptrdiff_t>(row * places.size() * 6);
  for (auto& place : places)
    for (float& entry : place.m) entry = *number++;
  return places;
}

}  // namespace

float Face::probability() const {
  return probabilities.empty() ? 0 : *std::max_element(probabilities.begin(), probabilities.end());
}

Stages::Stages(Networks networks)
    : model_(std::move(networks.model)),
      info_(info_of(model_)),
      detector_(std::move(networks.detector)),
      head_pose_(std::move(networks.head_pose)),
      engine_(std::move(networks.engine)),
      views_(attended_views(model_.network)),
      regions_(attended_regions(model_.network)) {}

Stages::Stages(Model model, const RecognizerOptions& options)
    : Stages(load_networks([&] { return std::move(model); }, options)) {}
Stages::Stages(const std::filesystem::path& model, const RecognizerOptions& options)
    : Stages(load_networks([&] { return load_model(model); }, options)) {}

FoundFaces Stages::find(ImageView image) const {
  return FaceFinder(detector_, head_pose_).find(image);
}

std::optional<FoundFaces> Stages::follow(ImageView image, const FoundFaces& before) const {
  return FaceFollower(detector_, head_pose_).follow(image, before);
}

std::vector<Detection> Stages::detect(ImageView image) const {
  return detector_.detect(image);
}

std::vector<HeadEstimate> Stages::estimate_poses(ImageView image,
                                                 std::span<const Detection> detections) const {
  std::vector<HeadView> heads;
  for (const auto& detection : detections) heads.push_back({image, detection.landmarks});
  return estimate_poses(heads);
}

std::vector<HeadEstimate> Stages::estimate_poses(std::span<const HeadView> heads) const {
  return head_pose_.estimate(heads);
}

std::vector<FaceChip> Stages::cut_chips(ImageView image, std::span<const Detection> detections) const {
  std::vector<FaceChip> chips;
  for (const auto& detection : detections)
    chips.push_back({.image = cut_chip(image, detection.landmarks, info_.chip),
                     .landmarks = landmarks_in_chip(detection.landmarks, info_.chip)});
  return chips;
}

Predictions Stages::predict(std::span<const FaceChip> chips) const {
  std::vector<ImageView> images;
  std::vector<Landmarks> landmarks;
  for (const auto& chip : chips) images.push_back(chip.image), landmarks.push_back(chip.landmarks);
  return predict(images, landmarks);
}

Predictions Stages::predict(std::span<const ImageView> chips, std::span<const Landmarks> landmarks) const {
  return engine_.predict(chips, landmarks);
}

void Stages::add_views(const Predictions& predictions, std::size_t row, const Landmarks& in_chip,
                       Face& face) const {
  const auto places = regions_ ? views_of_face(*regions_, in_chip) : places_of(predictions, row);
  for (std::size_t v = 0; v < places.size(); ++v) {
    const auto entry = [&](const std::vector<float>& values) -> std::optional<float> {
      return values.empty() ? std::nullopt : std::optional(values[row * predictions.views + v]);
    };
    face.views.push_back({.name = views_[v],
                          .corners = corners_in_image(places[v], face.landmarks, info_.chip),
                          .weight = entry(predictions.view_weights).value(),
                          .self_attention = entry(predictions.self_attention),
                          .relation_attention = entry(predictions.relation_attention)});
  }
}

std::vector<Face> Stages::faces(std::span<const Detection> detections, std::span<const HeadEstimate> poses,
                                const Predictions& predictions, std::span<const Landmarks> in_chips) const {
  std::vector<Face> faces;
  for (std::size_t i = 0; i < detections.size(); ++i) {
    const auto first =
        predictions.probabilities.begin() + static_cast<std::ptrdiff_t>(i * predictions.classes);
    const auto last = first + static_cast<std::ptrdiff_t>(predictions.classes);
    const auto best = static_cast<std::size_t>(std::max_element(first, last) - first);
    faces.push_back({.box = detections[i].box,
                     .score = detections[i].score,
                     .landmarks = detections[i].landmarks,
                     .pose = poses[i].pose,
                     .pose_score = poses[i].presence,
                     .expression = info_.labels[best],
                     .probabilities = {first, last}});
    if (!views_.empty()) add_views(predictions, i, in_chips[i], faces.back());
  }
  return faces;
}

std::vector<Face> Stages::recognize(ImageView image, std::span<const Detection> detections,
                                    std::span<const HeadEstimate> poses) const {
  const auto chips = cut_chips(image, detections);
  std::vector<Landmarks> in_chips;
  for (const auto& chip : chips) in_chips.push_back(chip.landmarks);
  return faces(detections, poses, predict(chips), in_chips);
}

}  // namespace regard

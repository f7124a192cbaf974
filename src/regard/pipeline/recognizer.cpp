#include "regard/pipeline/recognizer.h"

#include "regard/core/chip.h"
#include "regard/face/alignment.h"
#include "regard/face/given_boxes.h"
#include "regard/image/decode.h"
#include "regard/pipeline/stages.h"

namespace regard {

Recognizer::Recognizer(const std::filesystem::path& model, const RecognizerOptions& options)
    : Recognizer(std::make_shared<Stages>(find_model(model), options)) {}
Recognizer::Recognizer(std::shared_ptr<const Stages> stages) : stages_(std::move(stages)) {}
Recognizer::~Recognizer() = default;
Recognizer::Recognizer(Recognizer&&) noexcept = default;
Recognizer& Recognizer::operator=(Recognizer&&) noexcept = default;

std::vector<Face> Recognizer::recognize(const std::filesystem::path& image) const {
  return recognize(read_image(image).view());
}

std::vector<Face> Recognizer::recognize(ImageView image) const {
  const auto found = stages_->find(image);
  return stages_->recognize(image, found.faces, found.poses);
}

std::vector<Face> Recognizer::recognize(ImageView image, std::span<const Detection> faces) const {
  std::vector<Box> boxes;
  for (const auto& face : faces) boxes.push_back(face.box);
  check_boxes(boxes, image);
  return stages_->recognize(image, faces, stages_->estimate_poses(image, faces));
}

std::vector<Face> Recognizer::recognize(ImageView image, std::span<const Box> boxes) const {
  check_boxes(boxes, image);
  std::vector<Detection> detections;
  for (const Box& box : boxes)
    detections.push_back({.box = box, .score = 1, .landmarks = landmarks_of_box(box)});
  return recognize(image, detections);
}

std::vector<Face> Recognizer::recognize_chips(std::span<const ImageView> chips) const {
  const auto size = static_cast<float>(model().chip.size);
  Detection whole{.box = {0, 0, size, size}, .score = 1, .landmarks = landmark_places(model().chip)};
  for (auto& [x, y] : whole.landmarks) x *= size, y *= size;
  const std::vector<Landmarks> in_chips(chips.size(), landmarks_in_chip(whole.landmarks, model().chip));
  const std::vector<Detection> detections(chips.size(), whole);

  const auto predictions = stages_->predict(chips, in_chips);
  std::vector<HeadView> heads;
  for (const auto& chip : chips) heads.push_back({chip, whole.landmarks});
  return stages_->faces(detections, stages_->estimate_poses(heads), predictions, in_chips);
}

const std::vector<std::string>& Recognizer::labels() const {
  return model().labels;
}

const std::vector<std::string>& Recognizer::views() const {
  return stages_->views();
}

const ModelInfo& Recognizer::model() const {
  return stages_->info();
}

}  // namespace regard

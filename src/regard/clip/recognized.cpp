#include "regard/clip/recognized.h"

#include <algorithm>
#include <utility>

#include "regard/face/alignment.h"

namespace regard {
namespace {

class GroupRecognizer {
 public:
  GroupRecognizer(const Stages& stages, const FrameGroup& group, const RecognitionOptions& options)
      : stages_(stages), group_(group), options_(options), found_(group.size()), searched_(group.size()) {}

  std::vector<RecognizedFrame> run() {
    for (std::size_t i = 0; i < group_.size(); ++i)
      if (!group_[i].image.empty()) look(i);
    for (std::size_t i = 0; i < group_.size(); ++i) frames_.push_back(frame(i));
    classify();
    for (std::size_t i = 1; i < group_.size(); ++i)
      if (!is_classified(i)) carry_on(frames_[i - 1], frames_[i]);
    return std::move(frames_);
  }

 private:
  void look(std::size_t i) {
    auto followed = i > 0 ? stages_.follow(group_[i].image, found_[i - 1]) : std::nullopt;
    searched_[i] = !followed;
    found_[i] = followed ? std::move(*followed) : stages_.find(group_[i].image);
    if (options_.max_faces == 0) return;
    const auto most = std::min(found_[i].faces.size(), static_cast<std::size_t>(options_.max_faces));
    found_[i].faces.resize(most), found_[i].poses.resize(most);
  }

  bool is_classified(std::size_t i) const {
    return searched_[i] || i % static_cast<std::size_t>(std::max(1, options_.every)) == 0;
  }

  RecognizedFrame frame(std::size_t i) const {
    const auto& [stamp, cut, image] = group_[i];
    RecognizedFrame frame{.stamp = stamp,
                          .cut = cut,
                          .width = image.width,
                          .height = image.height,
                          .detections = found_[i].faces};
    frame.classified.assign(frame.detections.size(), is_classified(i));
    for (auto& chip : stages_.cut_chips(image, frame.detections))
      frame.chips.push_back(std::move(chip.image));
    return frame;
  }

  /// All faces of the frames that are classified, one frame after the other.
  void classify() {
    std::vector<Detection> detections;
    std::vector<HeadEstimate> poses;
    std::vector<ImageView> chips;
    for (std::size_t i = 0; i < group_.size(); ++i) {
      if (!is_classified(i)) continue;
      detections.insert(detections.end(), found_[i].faces.begin(), found_[i].faces.end());
      poses.insert(poses.end(), found_[i].poses.begin(), found_[i].poses.end());
      chips.insert(chips.end(), frames_[i].chips.begin(), frames_[i].chips.end());
    }
    if (detections.empty()) return;
    std::vector<Landmarks> in_chips;
    for (const auto& face : detections)
      in_chips.push_back(landmarks_in_chip(face.landmarks, stages_.info().chip));
    auto faces = stages_.faces(detections, poses, stages_.predict(chips, in_chips), in_chips);
    auto next = faces.begin();
    for (std::size_t i = 0; i < group_.size(); ++i)
      if (is_classified(i))
        for (std::size_t f = 0; f < found_[i].faces.size(); ++f)
          frames_[i].faces.push_back(std::move(*next++));
  }

  /// Followed faces are in the order of the frame before.
  void carry_on(const RecognizedFrame& before, RecognizedFrame& frame) const {
    const auto i = static_cast<std::size_t>(&frame - frames_.data());
    for (std::size_t f = 0; f < frame.detections.size(); ++f) {
      const auto& seen = frame.detections[f];
      frame.faces.push_back({.box = seen.box,
                             .score = seen.score,
                             .landmarks = seen.landmarks,
                             .pose = found_[i].poses[f].pose,
                             .pose_score = found_[i].poses[f].presence,
                             .expression = before.faces[f].expression,
                             .probabilities = before.faces[f].probabilities});
    }
  }

  const Stages& stages_;
  const FrameGroup& group_;
  const RecognitionOptions& options_;
  std::vector<FoundFaces> found_;
  std::vector<char> searched_;
  std::vector<RecognizedFrame> frames_ = {};
};

}  // namespace

std::vector<RecognizedFrame> recognize_group(const Stages& stages, const FrameGroup& group,
                                             const RecognitionOptions& options) {
  return GroupRecognizer(stages, group, options).run();
}

}  // namespace regard

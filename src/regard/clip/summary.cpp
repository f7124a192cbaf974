#include "regard/clip/summary.h"

#include <algorithm>
#include <cmath>

#include "regard/core/csv.h"
#include "regard/core/text.h"

namespace regard {

namespace {

/// With a comma before each; empty ones where there is no baseline.
std::string baseline_cells(const std::vector<float>& baseline, std::size_t count) {
  std::string cells;
  for (const float odds : baseline) cells += formatted(",%.6f", probability_of(odds));
  return baseline.empty() ? std::string(count, ',') : cells;
}

}  // namespace

bool is_unsure(const PersonFace& face, const FrameStamp& stamp) {
  constexpr float kTurned = 30, kSmall = 48;
  const auto& [box, score, landmarks, pose, pose_score, expression, probabilities, views] = face.face;
  return stamp.damaged || std::abs(pose.yaw) > kTurned || std::abs(pose.pitch) > kTurned ||
         std::max(box.width, box.height) < kSmall || pose_score < kSurePose;
}

void Summary::take(const ClipFrame& frame) {
  episodes_.take(frame);
  if (before_) {
    // A pause between selected ranges is nobody's time.
    const double step = frame.stamp.seconds - before_->stamp.seconds;
    if (duration_ == 0 || step < 10 * duration_) duration_ = step;
    add(*before_, duration_);
  }
  before_ = frame;
}

void Summary::add(const ClipFrame& frame, double duration) {
  for (const auto& face : frame.faces) {
    if (face.person == kNobody) continue;
    auto& person = people_[face.person];
    if (person.frames++ == 0) person.first = frame.stamp.seconds;
    person.last = frame.stamp.seconds;
    person.time += duration;
    if (is_unsure(face, frame.stamp)) person.unsure += duration;
    person.expressions.resize(labels_.size());
    const auto& values = face.face.probabilities;
    for (std::size_t i = 0; i < values.size(); ++i) {
      auto& expression = person.expressions[i];
      if (labels_[i] == face.face.expression) expression.time += duration;
      expression.sum += duration * values[i], expression.squares += duration * values[i] * values[i];
      expression.most = std::max(expression.most, face.smoothed[i]);
    }
  }
}

std::string Summary::row(int number, const Person& person, const std::vector<Episode>& episodes) const {
  const double time = person.time > 0 ? person.time : 1;
  std::string line = formatted("%d,%zu,%.3f,%.3f,%.3f,%.4f", number, person.frames, person.first, person.last,
                               person.time, person.unsure / time);
  for (std::size_t i = 0; i < labels_.size(); ++i) {
    const auto& [shown, sum, squares, most] = person.expressions[i];
    const double mean = sum / time, deviation = std::sqrt(std::max(0., squares / time - mean * mean));
    const auto count = std::ranges::count_if(
        episodes, [&](const Episode& episode) { return episode.person == number && episode.label == i; });
    line += formatted(",%.4f,%.6f,%.6f,%.6f,%td", shown / time, mean, deviation, most, count);
  }
  return line;
}

std::string Summary::csv(const std::string& method, const Baselines* baselines) const {
  Summary all = *this;
  if (all.before_) all.add(*all.before_, all.duration_);
  std::string text = "face_id,frames,first,last,seconds,unsure";
  for (const auto& label : labels_)
    for (const auto* of : {"share ", "mean ", "sd ", "max ", "episodes "})
      text += "," + csv_field(of + label);
  if (baselines)
    for (const auto& label : labels_) text += "," + csv_field("baseline " + label);
  text += ",method\n";
  const auto episodes = episodes_.episodes();
  for (const auto& [number, person] : all.people_) {
    text += row(number, person, episodes);
    if (baselines) text += baseline_cells(baselines->of(number), labels_.size());
    text += "," + csv_field(method) + "\n";
  }
  return text;
}

}  // namespace regard

#include "regard/clip/identities.h"

#include <cmath>
#include <utility>

namespace regard {

const std::vector<float>& Smoother::next(double seconds, const std::vector<float>& values) {
  const double step = seconds - before_;
  before_ = seconds;
  if (state_.size() != values.size() || step > kGap || constant_ <= 0) return state_ = values;
  const auto weight = static_cast<float>(1 - std::exp(-step / constant_));
  for (std::size_t i = 0; i < values.size(); ++i) state_[i] += weight * (values[i] - state_[i]);
  return state_;
}

void Identities::take(RecognizedFrame& frame, const Describe& describe) {
  const auto appearance = [&](std::size_t face) -> AppearanceVector {
    const auto known = frame.appearances.find(face);
    if (known != frame.appearances.end()) return known->second;
    auto vector = describe && face < frame.chips.size() ? describe(frame.chips[face]) : AppearanceVector();
    return frame.appearances[face] = std::move(vector);
  };
  const auto numbers = tracker_.update({.time = frame.stamp.seconds,
                                        .faces = frame.detections,
                                        .width = frame.width,
                                        .height = frame.height,
                                        .cut = frame.cut,
                                        .damaged = frame.stamp.damaged,
                                        .appearance = appearance});
  ClipFrame& waiting = waiting_.emplace_back(ClipFrame{.stamp = frame.stamp, .cut = frame.cut});
  for (std::size_t i = 0; i < frame.faces.size(); ++i)
    waiting.faces.push_back({.classified = frame.classified[i] != 0, .face = frame.faces[i]});
  give_out(numbers);
}

void Identities::finish() {
  give_out(tracker_.finish());
}

void Identities::smooth(PersonFace& face, double seconds) {
  if (face.person == kNobody) {
    face.smoothed = face.face.probabilities;
    return;
  }
  auto& smoother = smoothers_.try_emplace(face.person, smoothing_).first->second;
  face.smoothed = smoother.next(seconds, face.face.probabilities);
}

void Identities::give_out(const std::vector<Tracker::Numbers>& numbers) {
  for (const auto& people : numbers) {
    ClipFrame frame = std::move(waiting_.front());
    waiting_.pop_front();
    for (std::size_t i = 0; i < people.size(); ++i) {
      frame.faces[i].person = people[i];
      smooth(frame.faces[i], frame.stamp.seconds);
    }
    std::erase_if(frame.faces,
                  [&](const PersonFace& face) { return face.person == kNobody && face.face.score < sure_; });
    sink_(frame);
  }
}

}  // namespace regard

#include "regard/track/motion.h"

#include <algorithm>
#include <cmath>

namespace regard {
namespace {

// In sizes of the face: how precisely a detector places it, how fast it may move when it is first seen, and
// how much its velocity changes in a second.
constexpr double kPlaceNoise = .03, kFirstSpeed = 2, kUnsteadiness = 4;
// The same for the logarithm of its size.
constexpr double kSizeNoise = .04, kFirstGrowth = .5, kGrowthUnsteadiness = 1;
// Headings are measured over this many seconds: shorter ones are noise.
constexpr double kHeadingSpan = .25;

double squared(double x) {
  return x * x;
}

MovingValue start(double value, double noise, double speed) {
  return {.value = value, .value_variance = squared(noise), .velocity_variance = squared(speed)};
}

}  // namespace

double size_of(const Box& box) {
  return std::sqrt(std::max(1e-6, static_cast<double>(box.width) * box.height));
}

Point centre_of(const Box& box) {
  return {box.x + box.width / 2, box.y + box.height / 2};
}

void MovingValue::advance(double seconds, double jerkiness) {
  value += seconds * velocity;
  value_variance +=
      seconds * (2 * covariance + seconds * velocity_variance) + jerkiness * seconds * seconds * seconds / 3;
  covariance += seconds * velocity_variance + jerkiness * seconds * seconds / 2;
  velocity_variance += jerkiness * seconds;
}

void MovingValue::correct(double seen, double variance) {
  const double total = value_variance + variance, error = seen - value;
  const double gain = value_variance / total, velocity_gain = covariance / total;
  value += gain * error;
  velocity += velocity_gain * error;
  velocity_variance -= velocity_gain * covariance;
  covariance *= 1 - gain;
  value_variance *= 1 - gain;
}

void Motion::State::advance(double to) {
  const double seconds = std::max(0., to - time), size = std::exp(log_size.value);
  x.advance(seconds, squared(kUnsteadiness * size));
  y.advance(seconds, squared(kUnsteadiness * size));
  log_size.advance(seconds, squared(kGrowthUnsteadiness));
  time = to;
}

void Motion::State::correct(Point centre, double size) {
  x.correct(centre.x, squared(kPlaceNoise * size));
  y.correct(centre.y, squared(kPlaceNoise * size));
  log_size.correct(std::log(size), squared(kSizeNoise));
}

Motion::Motion(double time, const Box& seen, const Landmarks& landmarks) {
  const double size = size_of(seen);
  const Point centre = centre_of(seen);
  state_.time = time;
  state_.x = start(centre.x, kPlaceNoise * size, kFirstSpeed * size);
  state_.y = start(centre.y, kPlaceNoise * size, kFirstSpeed * size);
  state_.log_size = start(std::log(size), kSizeNoise, kFirstGrowth);
  remember(time, seen, landmarks);
}

void Motion::see(double time, const Box& box, const Landmarks& landmarks) {
  const Point from = centre_of(seen_box_), to = centre_of(box);
  const double size_from = size_of(seen_box_), size_to = size_of(box);
  if (!missed_.empty()) state_ = seen_state_;
  for (const double missed : missed_) {
    const auto part = static_cast<float>((missed - seen_time_) / (time - seen_time_));
    state_.advance(missed);
    state_.correct({from.x + part * (to.x - from.x), from.y + part * (to.y - from.y)},
                   size_from * std::pow(size_to / size_from, part));
  }
  state_.advance(time);
  state_.correct(to, size_to);
  remember(time, box, landmarks);
}

void Motion::miss(double time) {
  missed_.push_back(time);
}

void Motion::remember(double time, const Box& box, const Landmarks& landmarks) {
  seen_state_ = state_, seen_time_ = time, seen_box_ = box;
  missed_.clear();
  const Point centre = centre_of(box);
  const auto size = static_cast<float>(size_of(box));
  for (std::size_t i = 0; i < landmarks.size(); ++i)
    shape_[i] = {(landmarks[i].x - centre.x) / size, (landmarks[i].y - centre.y) / size};
  places_.push_back({time, centre});
  const auto old = [&](const Place& place) { return place.time < time - kHeadingSpan; };
  while (places_.size() > 2 && old(places_[1])) places_.erase(places_.begin());
}

Motion::State Motion::at(double time) const {
  State state = state_;
  state.advance(time);
  return state;
}

Box Motion::box_at(double time) const {
  const State state = at(time);
  const double grown = std::exp(state.log_size.value) / size_of(seen_box_);
  const auto width = static_cast<float>(grown * seen_box_.width);
  const auto height = static_cast<float>(grown * seen_box_.height);
  return {static_cast<float>(state.x.value) - width / 2, static_cast<float>(state.y.value) - height / 2,
          width, height};
}

Landmarks Motion::landmarks_at(double time) const {
  return landmarks_in(box_at(time));
}

Landmarks Motion::landmarks_in(const Box& box) const {
  const Point centre = centre_of(box);
  const auto size = static_cast<float>(size_of(box));
  Landmarks landmarks = shape_;
  for (auto& [x, y] : landmarks) x = centre.x + size * x, y = centre.y + size * y;
  return landmarks;
}

double Motion::doubt_at(double time) const {
  const State state = at(time);
  return std::sqrt(std::max(state.x.value_variance, state.y.value_variance));
}

Point Motion::heading() const {
  const Place &first = places_.front(), &last = places_.back();
  const auto seconds = static_cast<float>(last.time - first.time);
  if (seconds <= 0) return {};
  return {(last.centre.x - first.centre.x) / seconds, (last.centre.y - first.centre.y) / seconds};
}

}  // namespace regard

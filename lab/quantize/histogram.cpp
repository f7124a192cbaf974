#include "lab/quantize/histogram.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace regard {

void MagnitudeHistogram::add(std::span<const float> values) {
  if (values.empty()) return;
  const auto [low, high] = std::ranges::minmax(values);
  negative_ = negative_ || low < 0;
  largest_ = std::max({largest_, -low, high});
  grow_to(largest_);
  const float per_width = 1 / width_;
  for (const float value : values)
    ++counts_[std::min(static_cast<std::size_t>(std::abs(value) * per_width), kBins - 1)];
}

void MagnitudeHistogram::grow_to(float value) {
  while (value > width_ * kBins) {
    for (std::size_t i = 0; i < kBins; ++i)
      counts_[i] = i < kBins / 2 ? counts_[2 * i] + counts_[2 * i + 1] : 0;
    width_ *= 2;
  }
}

float MagnitudeHistogram::best_limit(int steps) const {
  constexpr int kCandidates = 100;
  float best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (int i = kCandidates / 5; i <= kCandidates; ++i) {
    const float limit = largest_ * static_cast<float>(i) / kCandidates;
    if (const double loss = loss_of(limit, steps); loss <= least) best = limit, least = loss;
  }
  return best;
}

double MagnitudeHistogram::loss_of(float limit, int steps) const {
  if (limit <= 0) return 0;
  const double step = static_cast<double>(limit) / steps;
  double loss = 0;
  for (std::size_t i = 0; i < kBins; ++i) {
    const double value = (static_cast<double>(i) + .5) * width_;
    const double error = value - std::min(std::round(value / step), static_cast<double>(steps)) * step;
    loss += static_cast<double>(counts_[i]) * error * error;
  }
  return loss;
}

}  // namespace regard

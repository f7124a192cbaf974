#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace regard {

/// How often the magnitudes of numbers lie where; its range grows with them. Not thread safe.
class MagnitudeHistogram {
 public:
  void add(std::span<const float> values);

  bool has_negative() const { return negative_; }
  float largest() const { return largest_; }

  /// The limit that loses least, in mean squares, if numbers beyond it are clipped and those within are
  /// rounded to `steps` equal steps between 0 and it; 0 if all numbers are 0.
  float best_limit(int steps) const;

 private:
  void grow_to(float value);
  double loss_of(float limit, int steps) const;

  std::vector<std::int64_t> counts_ = std::vector<std::int64_t>(kBins);
  float width_ = 1.f / kBins;  // of a bin
  float largest_ = 0;
  bool negative_ = false;

  static constexpr std::size_t kBins = 4096;
};

}  // namespace regard

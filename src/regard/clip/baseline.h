#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "regard/clip/identities.h"
#include "regard/clip/selection.h"

namespace regard {

/// The natural logarithm of p / (1 - p). Probabilities below .001 and above .999 count as these: what is
/// beyond says nothing.
float log_odds(float probability);
float probability_of(float log_odds);

/// The frames that a baseline is taken from: "median" for all of the clip, or a range as "0-10s" or
/// "1:20-1:40". Throws Error naming `where` for anything else.
TimeRange parse_baseline(const std::string& text, const std::string& where);

/// What is usual for each person: for each expression the median of its log-odds in a range of time, over the
/// frames in which it was recognised and that are to be relied upon (is_unsure). To .01. Memory does not grow
/// with the clip.
class Baselines {
 public:
  explicit Baselines(const TimeRange& range) : range_(range) {}

  void take(const ClipFrame& frame);

  /// Log-odds in the order of the labels; empty if there is nothing to go by.
  std::vector<float> of(int person) const;

  /// Sets how much each face of a frame shows beyond its person's baseline.
  void correct(ClipFrame& frame) const;

 private:
  using Counts = std::vector<std::uint32_t>;  // of log-odds, in bins

  TimeRange range_;
  std::map<int, std::vector<Counts>> people_ = {};  // by person, then by label
};

}  // namespace regard

#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "regard/eval/metrics.h"

/// Whether the scales of a network that zooms in by itself are real: what they weigh, where they lie, and
/// what is lost without them.
namespace regard {

/// Over faces.
struct Spread {
  double mean = 0, deviation = 0;
};

struct ScaleFacts {
  std::string name;                ///< "whole face", "zoom 1", ...
  Spread weight;                   ///< its share in the answer
  Spread x, y;                     ///< of its region's centre, in fractions of the chip
  Spread side;                     ///< of its region, in fractions of the chip
  std::optional<Metrics> without;  ///< of the network without it
};

struct ScaleStudy {
  std::vector<ScaleFacts> scales;
  /// Mean over faces of the entropy of the weights, as a share of the largest there could be: 1 where all
  /// scales always weigh the same, 0 where one has it all.
  double entropy = 0;
};

/// `weights` [n, k] sum to 1, `places` [n, k, 2, 3] are affines (Predictions). Throws Error where they do not
/// fit the names or each other.
ScaleStudy study_scales(const std::vector<std::string>& names, std::span<const float> weights,
                        std::span<const float> places);

}  // namespace regard

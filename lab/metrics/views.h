#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lab/metrics/metrics.h"
#include "regard/core/options.h"

/// What a network that weighs views makes of them, over many faces: whether its attention turns from face to
/// face.
namespace regard {

/// Over faces.
struct Spread {
  double mean = 0, std = 0;
};

/// Where a network finds a view by itself, in fractions of the chip.
struct PlaceSpread {
  Spread x, y;  ///< of its centre
  Spread side;
};

struct ViewFacts {
  std::string name;  ///< "whole face", "top left", "zoom 1", ...
  Spread weight;     ///< its share in the answer
  std::optional<PlaceSpread> place;
  std::optional<Metrics> without;  ///< of the network without it, where that was asked for
};

struct ViewStudy {
  std::vector<ViewFacts> views;
  /// Mean over faces of the entropy of the weights, as a share of the largest there could be: 1 where all
  /// views always weigh the same, 0 where one has it all.
  double entropy = 0;
};

/// `weights` [n, k] sum to 1 over the views, `places` [n, k, 2, 3] are affines, or none. Throws Error where
/// they do not fit the names or each other.
ViewStudy study_views(const std::vector<std::string>& names, std::span<const float> weights,
                      std::span<const float> places);

Json to_json(const ViewStudy& study);

}  // namespace regard

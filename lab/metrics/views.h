#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lab/metrics/metrics.h"
#include "regard/core/options.h"

/// Statistics of the view weights of a network over many faces: whether its attention varies from face to
/// face.
namespace regard {

/// Over faces.
struct Spread {
  double mean = 0, std = 0;
};

/// Places of a view that the network finds itself, in fractions of the chip.
struct PlaceSpread {
  Spread x, y;  ///< of its centre
  Spread side;
};

struct ViewFacts {
  std::string name;  ///< "whole face", "top left", "zoom 1", ...
  Spread weight;     ///< its weight in the prediction
  std::optional<PlaceSpread> place;
  std::optional<Metrics> without;  ///< of the network without it, if requested
};

struct ViewStudy {
  std::vector<ViewFacts> views;
  /// Mean over faces of the entropy of the weights, as a fraction of its maximum: 1 if all views always have
  /// the same weight, 0 if one has all of it.
  double entropy = 0;
};

/// `weights` [n, k] sum to 1 over the views, `places` [n, k, 2, 3] are affines, or none. Throws Error if they
/// do not fit the names or each other.
ViewStudy study_views(const std::vector<std::string>& names, std::span<const float> weights,
                      std::span<const float> places);

Json to_json(const ViewStudy& study);

}  // namespace regard

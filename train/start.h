#pragma once

#include <string>
#include <vector>

#include "lab/recipe/recipe.h"
#include "regard/model/weights.h"

namespace regard {

/// The initial state of a run.
struct Start {
  Weights weights;
  std::string source, licence;  ///< of the model that weights were taken from
  /// For the log: how many parameters were "taken", and of each classifier whether it was "matched" by its
  /// labels' names or begins "fresh". Empty where a recipe has no start.
  Json about = Json::object();
};

/// Initial weights from the recipe's seed and, if it has a start, the start's weights with the same name (or
/// Recipe::start_as) and shape. For layers with a multiple of the features, weights are repeated. The rows of
/// a classifier are matched by the names of `labels`; if the start lacks one of them, the classifier is
/// initialised at random. Throws Error for a start without any matching weight.
Start starting_weights(const Recipe& recipe, const std::vector<ParameterSpec>& specs,
                       const std::vector<std::string>& labels);

}  // namespace regard

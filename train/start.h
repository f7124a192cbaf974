#pragma once

#include <string>
#include <vector>

#include "lab/recipe/recipe.h"
#include "regard/model/weights.h"

namespace regard {

/// What a run begins with.
struct Start {
  Weights weights;
  std::string source, licence;  ///< of the model that weights were taken from
  /// For the log: how many parameters were "taken", and of each classifier whether it was "matched" by its
  /// labels' names or begins "fresh". Empty where a recipe has no start.
  Json about = Json::object();
};

/// Fresh weights by the recipe's seed and, where it has a start, those of the start's that have the same name
/// (or Recipe::start_as) and shape. A layer behind features that are there several times repeats what it has
/// for one of them. A classifier's rows are matched by the names of `labels`; where the start lacks one of
/// them, the classifier begins fresh. Throws Error for a start of which nothing can be taken.
Start starting_weights(const Recipe& recipe, const std::vector<ParameterSpec>& specs,
                       const std::vector<std::string>& labels);

}  // namespace regard

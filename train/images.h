#pragma once

#include <cstdint>
#include <vector>

#include "lab/data/packed.h"
#include "lab/recipe/recipe.h"

namespace regard {

/// The training and validation images of a recipe in a packed data set.
struct TrainingImages {
  std::vector<std::int64_t> train;
  std::vector<std::int64_t> valid;  ///< those with a majority label; none where the recipe does not validate
  /// For the model file: "train_on", "validate_on" and, where a fold is held out, "held_out" (the list's name
  /// and SHA-256, the fold, how many images it takes from training).
  Json about = Json::object();
};

/// As Recipe::train_on, validate_on, folds and held_out_fold say; all of them, before Recipe::images. Throws
/// Error for a split that the data set does not have, a fold that the list does not have, images without a
/// fold, and if nothing is left to train on.
TrainingImages training_images(const Recipe& recipe, const PackedDataset& data);

}  // namespace regard

#pragma once

#include "lab/recipe/recipe.h"

namespace regard {

/// The larger input size of the recipe's network in training and in use, in pixels: data sets packed for it
/// have chips of that size.
int input_size_of(const Recipe& recipe);

}  // namespace regard

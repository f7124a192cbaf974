#pragma once

#include "lab/recipe/recipe.h"

namespace regard {

/// Pixels a side of what the recipe's network looks at, in training or afterwards, whichever is more: data
/// sets that are packed for it have chips of that size.
int input_size_of(const Recipe& recipe);

}  // namespace regard

#pragma once

#include <ATen/ATen.h>

#include <string>

#include "lab/recipe/recipe.h"

namespace regard {

/// The precision of a recipe's convolutions.
inline at::ScalarType precision_of(const Recipe& recipe) {
  return recipe.precision == "bf16" ? at::kBFloat16 : at::kFloat;
}

/// Throws Error for an unknown device or one that this libtorch cannot use. f32 means f32 on a GPU, too.
at::Device device_of(const std::string& name);

}  // namespace regard

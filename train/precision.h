#pragma once

#include <ATen/ATen.h>

#include <string>

#include "lab/recipe/recipe.h"

namespace regard {

/// What a recipe's convolutions compute in.
inline at::ScalarType precision_of(const Recipe& recipe) {
  return recipe.precision == "bf16" ? at::kBFloat16 : at::kFloat;
}

/// Throws Error for a device that is none or that this libtorch cannot use. f32 means f32 on a GPU, too.
at::Device device_of(const std::string& name);

}  // namespace regard

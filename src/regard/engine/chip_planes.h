#pragma once

#include <cstddef>
#include <span>

#include "regard/core/image.h"

namespace regard {

/// Throws Error unless the chip is a square of `size` pixels, RGB or grey.
void check_chip(const ImageView& chip, int size);

/// Interleaved bytes -> three planes of floats for each chip, one after the other; grey goes into all three.
void write_planes(std::span<const ImageView> chips, float* planes);

}  // namespace regard

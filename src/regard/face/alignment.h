#pragma once

#include <array>

#include "regard/core/chip.h"
#include "regard/face/detector.h"

namespace regard {

/// Cuts a chip by the similarity transform that maps the landmarks to the chip's positions. Every pixel is
/// the mean over its area (no aliasing for faces of any size); the edges of the image are repeated. RGB.
/// Throws Error for an empty image and for landmarks that coincide or are not finite.
Image cut_chip(ImageView image, const Landmarks& landmarks, const ChipOptions& chip);

/// Its similarity transform, from the chip's pixels to the image's. Throws the same.
Affine chip_to_image(const Landmarks& landmarks, const ChipOptions& chip);

/// The chip of `size` x `size` pixels that `chip_to_image`, a similarity transform between pixels, maps to
/// the image. Sampled in the same way. Throws Error for an empty image and an invalid map.
Image cut_chip(ImageView image, const Affine& chip_to_image, int size);

/// The face's own landmarks in its chip, in fractions of the side: close to the chip's positions, but rarely
/// equal. Throws the same.
Landmarks landmarks_in_chip(const Landmarks& landmarks, const ChipOptions& chip);

/// The corners of a view of the chip in pixels of the image, clockwise from the upper left; `view` maps
/// points of the view to points of the chip, both in fractions. Throws the same.
std::array<Point, 4> corners_in_image(const Affine& view, const Landmarks& landmarks,
                                      const ChipOptions& chip);

/// The average positions of the five landmarks in the box of a face, for faces of which only the box is
/// known.
Landmarks landmarks_of_box(const Box& box);

}  // namespace regard

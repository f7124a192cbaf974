#pragma once

#include <array>

#include "regard/core/chip.h"
#include "regard/face/detector.h"

namespace regard {

/// Cuts a chip: the similarity that takes the landmarks onto the chip's places, each pixel the mean of what
/// it covers (no aliasing however large the face), beyond the image's edge the edge repeated. RGB. Throws
/// Error for an empty image and for landmarks that coincide or are not finite.
Image cut_chip(ImageView image, const Landmarks& landmarks, const ChipOptions& chip);

/// The similarity behind it: from the chip's pixels to the image's. Throws the same.
Affine chip_to_image(const Landmarks& landmarks, const ChipOptions& chip);

/// The chip of `size` pixels a side that `chip_to_image` takes to the image: a similarity between their
/// pixels. Sampled in the same way. Throws Error for an empty image and a map that is none.
Image cut_chip(ImageView image, const Affine& chip_to_image, int size);

/// Where a face's own landmarks lie in its chip, in fractions of the side: near the chip's places and seldom
/// on them. Throws the same.
Landmarks landmarks_in_chip(const Landmarks& landmarks, const ChipOptions& chip);

/// The corners of a part of the chip in the image's pixels, from the upper left clockwise; `view` takes
/// places in the part to places in the chip, both in fractions. Throws the same.
std::array<Point, 4> corners_in_image(const Affine& view, const Landmarks& landmarks,
                                      const ChipOptions& chip);

/// Where the five landmarks lie, on average, in a face's box: for faces of which only the box is known.
Landmarks landmarks_of_box(const Box& box);

}  // namespace regard

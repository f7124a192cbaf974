#pragma once

#include <span>
#include <string>

#include "regard/core/geometry.h"
#include "regard/core/image.h"

namespace regard {

/// Coordinates beyond this are nobody's pixels, and what is computed from them would overflow.
inline constexpr float kFarthest = 1e6f;

/// Throws Error if a box is none: numbers that are not finite or beyond a million pixels, a width or height
/// that is not above 0. `where` names it in messages.
void check_box(const Box& box, const std::string& where);

/// The same for boxes that somebody gives for an image, and where one lies wholly outside of it. Messages
/// name the box by its index: boxes[0], boxes[1], ...
void check_boxes(std::span<const Box> boxes, ImageView image);

}  // namespace regard

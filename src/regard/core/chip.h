#pragma once

#include <vector>

#include "regard/core/geometry.h"

namespace regard {

/// How a face becomes the chip that a network wants: a similarity takes the five landmarks of the face (the
/// image's left eye, right eye, nose tip, left and right mouth corner) onto these places of the square.
struct ChipOptions {
  int size = 48;
  /// x and y of the five landmarks as fractions of the chip: here, their mean in FERPlus' images.
  std::vector<float> landmarks{.303f, .369f, .686f, .373f, .487f, .580f, .338f, .761f, .649f, .766f};

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("size", size, "pixels a side");
    visit("landmarks", landmarks, "where five landmarks go, x and y as fractions of the side");
  }
};

/// Where a chip's five landmarks go, in fractions of its side. Throws Error where the options do not say.
Landmarks landmark_places(const ChipOptions& chip);

}  // namespace regard

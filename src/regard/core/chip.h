#pragma once

#include <vector>

#include "regard/core/geometry.h"

namespace regard {

/// How a face becomes a chip: a similarity transform maps the five landmarks of the face (left eye, right
/// eye, nose tip, left and right mouth corner, as seen in the image) to these positions in the square.
struct ChipOptions {
  int size = 48;
  /// x and y of the five landmarks as fractions of the chip: here, their mean in FERPlus' images.
  std::vector<float> landmarks{.303f, .369f, .686f, .373f, .487f, .580f, .338f, .761f, .649f, .766f};

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("size", size, "pixels a side");
    visit("landmarks", landmarks, "positions of the five landmarks, x and y as fractions of the side");
  }
};

/// Positions of the five landmarks in a chip, in fractions of its side. Throws Error if the options have
/// none.
Landmarks landmark_places(const ChipOptions& chip);

}  // namespace regard

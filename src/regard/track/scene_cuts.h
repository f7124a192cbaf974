#pragma once

#include <vector>

#include "regard/core/image.h"

namespace regard {

/// Sees where one scene of a clip ends and the next begins: small grey images of consecutive frames differ.
class SceneCuts {
 public:
  /// Mean difference of grey levels, 0 to 255, from which on two frames are different scenes.
  static constexpr double kCut = 30;

  /// Whether the scene changed between the frame before and this one; false for the first one. Throws Error
  /// for an empty image.
  bool next(ImageView frame) { return change(frame) > kCut; }

  /// The mean difference of grey levels from the frame before; 0 for the first one.
  double change(ImageView frame);

 private:
  std::vector<float> before_;
};

}  // namespace regard

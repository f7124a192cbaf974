#pragma once

#include <ATen/ATen.h>

#include "lab/recipe/augment_options.h"

namespace regard {

/// Images as a training step sees them.
struct Augmented {
  at::Tensor chips;  ///< [n, c, s, s], float, 0 to 255
  at::Tensor
      frame;  ///< [n, 2, 3]: the frame of the network's views, in fractions of the chip (TorchOps::views)
};

/// Draws from `generator` (CPU) and varies chips [n, c, s, s] (any type, 0 to 255, any device). Geometric
/// changes become the frame, so that pixels are sampled only once, when views are cut; changes of values are
/// applied to the chips: occluders (occluder.h, of a random kind, where the landmarks of FERPlus' chips lie),
/// so that later steps affect them like the face; noise, blur, contrast and brightness; then rectangles
/// occluded (Zhong et al., AAAI 2020).
Augmented augment(const at::Tensor& chips, const AugmentOptions& options, at::Generator generator);

/// Head poses [n, 3] (HeadPose's yaw, pitch and roll, in degrees) of images as they are seen through frames
/// [n, 2, 3] that rotate, scale, flip and shift: rotation changes the roll, flipping the signs of yaw and
/// roll.
at::Tensor poses_in_frame(const at::Tensor& poses, const at::Tensor& frame);

}  // namespace regard

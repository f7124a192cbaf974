#pragma once

#include <span>

#include "regard/pipeline/explainer.h"

namespace regard {

/// One image that explains the predictions for all faces, with one panel per face: the face with its regions
/// in colour, drawn wider and stronger the larger their weight, and one row per region with its place in the
/// face, its weights as bars (by occlusion: the loss of certainty), and the prediction without it. At least
/// one face.
Image draw_explanations(ImageView image, std::span<const Explanation> explanations,
                        const Explainer& explainer);

}  // namespace regard

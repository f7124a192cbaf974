#pragma once

#include <span>

#include "regard/pipeline/explainer.h"

namespace regard {

/// One image that tells what the answers for all faces rest on, a panel for each: the face with its regions
/// in colours, lines the wider and clearer the more a region counts; beside it a row for each region with its
/// place in the face, its weights as bars (by occlusion: what certainty is lost), and the answer without it.
/// At least one face.
Image draw_explanations(ImageView image, std::span<const Explanation> explanations,
                        const Explainer& explainer);

}  // namespace regard

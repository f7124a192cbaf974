#pragma once

#include <span>
#include <string>

#include "regard/pipeline/explainer.h"

/// How explanations are written as text.
namespace regard {

/// An image and the explanations for its faces.
struct ExplainedImage {
  std::string file = {};
  int width = 0, height = 0;
  std::span<const Explanation> explanations = {};
};

/// One line: {"file", "width", "height", "model", "by": "attention" or "occlusion", "faces": [...]}, each
/// face as `to_json` has it, and for each of its views "without": {"expression", "probabilities"}.
std::string explanations_as_json(const ExplainedImage& image, const Explainer& explainer);

/// A table per face.
std::string explanations_as_table(const ExplainedImage& image, const Explainer& explainer);

}  // namespace regard

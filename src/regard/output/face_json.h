#pragma once

#include <span>
#include <string>
#include <vector>

#include "regard/core/json.h"
#include "regard/pipeline/face.h"

/// Faces as JSON, in the fields that their structs describe. Pixels and degrees are rounded to hundredths,
/// all other numbers to millionths.
namespace regard {

Json to_json(const ImageFaces& image, const std::vector<std::string>& labels);
Json to_json(const Face& face, const std::vector<std::string>& labels);

/// Probabilities, or numbers of another kind, under their labels.
Json by_label(std::span<const float> values, const std::vector<std::string>& labels);

/// What such JSON looks like: {"file", "width", "height", "faces": [{"box": [x, y, w, h], ...}]}.
std::string json_schema();

/// A line for each field of a face: its name and what it is.
std::string field_help();

}  // namespace regard

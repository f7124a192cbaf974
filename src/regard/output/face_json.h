#pragma once

#include <span>
#include <string>
#include <vector>

#include "regard/core/json.h"
#include "regard/pipeline/face.h"

/// Faces as JSON, with the fields described by their structs. Pixels and degrees are rounded to hundredths,
/// all other numbers to millionths.
namespace regard {

Json to_json(const ImageFaces& image, const std::vector<std::string>& labels);
Json to_json(const ImageResult& image, const std::vector<std::string>& labels);
Json to_json(const Face& face, const std::vector<std::string>& labels);

/// Probabilities, or other numbers, by label.
Json by_label(std::span<const float> values, const std::vector<std::string>& labels);

/// The schema of this JSON: {"file", "width", "height", "faces": [{"box": [x, y, w, h], ...}]}.
std::string json_schema();

/// One line per field of a face: its name and description.
std::string field_help();

}  // namespace regard

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "regard/pipeline/face.h"

namespace regard {

/// A column of a table of faces: a value per row.
struct FaceColumn {
  std::string name;
  std::variant<std::vector<std::int32_t>, std::vector<float>, std::vector<std::string>> values;
};

/// Faces as a table by columns: one row per face, with the columns of the CSV (none if an image has no face).
/// `labels`, `views`: of the recognizer; they decide which columns there are, also without a face. Pixels,
/// degrees and probabilities are not rounded. A face without probabilities or views has NaN there.
std::vector<FaceColumn> face_columns(std::span<const ImageFaces* const> images,
                                     const std::vector<std::string>& labels,
                                     const std::vector<std::string>& views);

/// The same with a row also for an image without faces, and the column `error` that says why. Such a row has
/// 0 as the number of its face, and NaN for all other numbers of a face.
std::vector<FaceColumn> result_columns(std::span<const ImageResult> images,
                                       const std::vector<std::string>& labels,
                                       const std::vector<std::string>& views);

}  // namespace regard

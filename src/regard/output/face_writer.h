#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "regard/pipeline/recognizer.h"

/// How recognised faces are written to standard output.
namespace regard {

/// One image and its faces.
struct RecognizedImage {
  std::string file;
  int width = 0, height = 0;
  std::vector<Face> faces;
};

/// Turns images into text, one after the other.
class FaceWriter {
 public:
  virtual ~FaceWriter() = default;
  /// The text before the first image.
  virtual std::string header() const { return {}; }
  virtual std::string text(const RecognizedImage& image) const = 0;
};

/// A face as JSON.
Json to_json(const Face& face, const std::vector<std::string>& labels);

/// Probabilities, or other numbers, by label.
Json by_label(std::span<const float> values, const std::vector<std::string>& labels);

/// format: table, json or csv. `file_width`: room for file names in the table, in characters. Throws Error
/// for another format. `recognizer` must outlive the writer.
std::unique_ptr<FaceWriter> make_face_writer(const std::string& format, const Recognizer& recognizer,
                                             std::size_t file_width);

}  // namespace regard

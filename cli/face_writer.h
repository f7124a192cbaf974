#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "regard/recognizer.h"

/// How recognised faces are written to standard output.
namespace regard {

/// One picture and what was found in it.
struct RecognizedPicture {
  std::string file;
  int width = 0, height = 0;
  std::vector<Face> faces;
};

/// Turns pictures into text, one after the other.
class FaceWriter {
 public:
  virtual ~FaceWriter() = default;
  /// What stands before the first picture.
  virtual std::string header() const { return {}; }
  virtual std::string text(const RecognizedPicture& picture) const = 0;
};

/// format: table, json or csv. `file_width`: room for file names in the table, in characters. Throws Error
/// for another format. `labels` must outlive the writer.
std::unique_ptr<FaceWriter> make_face_writer(const std::string& format,
                                             const std::vector<std::string>& labels, std::size_t file_width);

}  // namespace regard

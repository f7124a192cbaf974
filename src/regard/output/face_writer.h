#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "regard/pipeline/recognizer.h"

/// How recognised faces are written as text.
namespace regard {

/// Turns images into text, one after the other.
class FaceWriter {
 public:
  virtual ~FaceWriter() = default;
  /// The text before the first image.
  virtual std::string header() const { return {}; }
  virtual std::string text(const ImageFaces& image) const = 0;
};

/// The context of a writer.
struct FaceWriterOptions {
  std::vector<std::string> labels = {};  ///< of the probabilities
  std::vector<std::string> views = {};   ///< of every face; none if the network weighs none
  std::size_t file_width = 40;           ///< room for file names in the table, in characters
};

using MakeFaceWriter = std::unique_ptr<FaceWriter> (*)(FaceWriterOptions);

/// A way of writing faces.
struct FaceFormat {
  const char* name;
  const char* help;
  MakeFaceWriter make;
};

/// The table of formats.
std::span<const FaceFormat> face_formats();

/// A writer of the format with this name. Throws Error naming the known ones.
std::unique_ptr<FaceWriter> make_face_writer(const std::string& format, FaceWriterOptions options);

/// The writers of the table, each in a file of its own.
std::unique_ptr<FaceWriter> make_json_writer(FaceWriterOptions options);
std::unique_ptr<FaceWriter> make_csv_writer(FaceWriterOptions options);
std::unique_ptr<FaceWriter> make_table_writer(FaceWriterOptions options);

}  // namespace regard

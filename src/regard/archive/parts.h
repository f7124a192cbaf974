#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "regard/output/face_writer.h"
#include "regard/pipeline/face.h"

/// The files in which the results of an archive are kept.
namespace regard {

/// Collects the results of a chunk of images.
class PartWriter {
 public:
  virtual ~PartWriter() = default;
  virtual void add(ImageResult image) = 0;
  /// The bytes of the part; the next one begins.
  virtual std::string take() = 0;
};

/// A format of parts: a row of the table.
struct PartFormat {
  const char* name;
  const char* ending;  ///< of the files' names, without a dot
  std::unique_ptr<PartWriter> (*make)(const FaceWriterOptions& options);
  /// Writes the rows of all parts into one file, atomically.
  void (*join)(std::span<const std::filesystem::path> parts, const std::filesystem::path& out);
};

std::span<const PartFormat> part_formats();

/// The format of this name. Throws Error naming the known ones.
const PartFormat& find_part_format(const std::string& name);

}  // namespace regard

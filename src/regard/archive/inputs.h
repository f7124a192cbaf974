#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "regard/archive/tar.h"
#include "regard/core/csv.h"
#include "regard/core/file.h"
#include "regard/core/output_file.h"

/// The images of a run over an archive: a table (CSV: file, archive, offset, bytes) with a row for each, in
/// the order in which they are recognised. It is read where it lies, so that memory does not grow with it.
namespace regard {

/// An image: a file, or a part of a tar file.
struct ArchiveInput {
  std::string file = {};     ///< "a.jpg"; in a tar file "b.tar/a.jpg"
  std::string archive = {};  ///< the tar file; empty: none
  std::uint64_t offset = 0, bytes = 0;
};

/// Whether a file is taken for a tar file, by its name.
bool is_tar_name(const std::filesystem::path& path);

/// Collects the images of a run.
class InputList {
 public:
  /// `folder`: on whose file system the table is collected, in a file without a name.
  explicit InputList(const std::filesystem::path& folder);

  void add(const ArchiveInput& image);
  /// The images in a tar file, by the rules for folders (image/image_files.h). Throws Error if there are
  /// none.
  void add_tar(const std::filesystem::path& path);

  std::size_t images() const { return images_; }
  /// Files in tar files that are no images: "a.tar: 3 .json skipped".
  const std::vector<std::string>& skipped() const { return skipped_; }
  /// The whole table. Nothing is added afterwards.
  MappedFile table();

 private:
  void flush();

  ScratchFile file_;
  std::string text_;  // what is not yet in the file
  std::size_t images_ = 0;
  std::vector<std::string> skipped_;
};

/// Reads the table row by row.
class InputReader {
 public:
  /// `where`: how errors name the table, whose bytes must outlive the reader.
  InputReader(std::string_view table, const std::string& where);

  std::optional<ArchiveInput> next();

 private:
  CsvReader rows_;
};

}  // namespace regard

#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string_view>

#include "regard/core/file.h"
#include "regard/core/growing_file.h"

namespace regard {

/// A table that is written row by row, and can be continued: then the rows of the run before are to be
/// written again, are compared with those in the file, and what the file lacks is appended, down to the byte.
/// So no row is lost or doubled, wherever the run before was killed.
class RowFile {
 public:
  /// `go_on` false: whatever was in the file is dropped.
  RowFile(const std::filesystem::path& path, bool go_on);

  /// Throws Error if the file has other rows at this place.
  void write(std::string_view rows);
  void sync() { file_->sync(); }

 private:
  std::filesystem::path path_;
  MappedFile before_ = {};  // the file as the run before left it
  std::size_t at_ = 0;      // what of it has been compared
  std::optional<GrowingFile> file_;
};

}  // namespace regard

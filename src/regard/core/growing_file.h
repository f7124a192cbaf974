#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

#include "regard/core/output_file.h"

namespace regard {

/// A file that grows for as long as a run takes and is of use before it is complete: rows of a table, a
/// journal. What has been written is there when the program is killed; what has been synced, also when the
/// power fails. Everything else is written by OutputFile. Throws Error with the system's reason.
class GrowingFile {
 public:
  /// Creates the file, with missing folders, or opens an existing one; its first `keep` bytes stay, at most.
  explicit GrowingFile(const std::filesystem::path& path, std::size_t keep = 0);

  void write(std::string_view text);
  void write(std::span<const std::byte> bytes);
  void sync();

 private:
  std::filesystem::path path_;
  Descriptor file_;
};

}  // namespace regard

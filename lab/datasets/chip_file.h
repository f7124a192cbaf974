#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>

#include "regard/core/file.h"

namespace regard {

/// Chips on their way into a packed data set: a file beside it, so that memory does not grow with the set;
/// gone with the object.
class ChipFile {
 public:
  /// `out`: the packed data set that will be written.
  explicit ChipFile(const std::filesystem::path& out);
  ~ChipFile();
  ChipFile(const ChipFile&) = delete;
  ChipFile& operator=(const ChipFile&) = delete;

  /// Throws Error where it cannot be written.
  void append(std::span<const std::uint8_t> chip);

  /// All chips that were appended, as long as the object lives. Throws Error.
  std::span<const std::uint8_t> finish();

 private:
  std::filesystem::path path_;
  std::ofstream stream_;
  MappedFile mapped_;
};

}  // namespace regard

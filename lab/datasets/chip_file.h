#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "regard/core/output_file.h"

namespace regard {

/// Chips to be packed, in an unnamed file, so that memory does not grow with the set.
class ChipFile {
 public:
  /// `out`: the packed data set that will be written. Throws Error.
  explicit ChipFile(const std::filesystem::path& out) : file_(out) {}

  /// Throws Error if it cannot be written.
  void append(std::span<const std::uint8_t> chip) { file_.append(std::as_bytes(chip)); }

  /// All chips that were appended, as long as the object lives. Throws Error.
  std::span<const std::uint8_t> finish() {
    mapped_ = file_.map();
    return {reinterpret_cast<const std::uint8_t*>(mapped_.bytes.data()), mapped_.bytes.size()};
  }

 private:
  ScratchFile file_;
  MappedFile mapped_;
};

}  // namespace regard

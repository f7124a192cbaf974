#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "regard/image/heif_tables.h"

namespace regard {

/// The images of a HEIF file (ISO/IEC 23008-12) according to its boxes and to the headers of their HEVC or
/// AV1 data, so that sizes are known before decoding: the size in the boxes may differ from the decoder's.
class HeifBoxes : private HeifTables {
 public:
  using HeifTables::has_track;
  using HeifTables::Size;

  /// Throws Error if boxes are truncated, or if an image or one of its parts is too large.
  HeifBoxes(std::span<const std::byte> bytes, const std::string& where);

  /// Four letters: how the first image is coded ("hvc1", "av01", ...), or the first part of what it is put
  /// together of; empty if there is no image.
  std::string coding() const;

 private:
  std::vector<std::byte> data_of(const Item& item);
  Size coded_size(const Item& item);
  std::uint64_t count_work(Item& item, int depth);
  void check_alpha() const;

  std::uint64_t data_read_ = 0;
};

}  // namespace regard

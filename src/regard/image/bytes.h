#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "regard/core/error.h"

namespace regard {

/// Reads numbers from the headers of image files. Reading beyond the end throws Error.
class ByteReader {
 public:
  ByteReader(std::span<const std::byte> bytes, std::string where, std::endian order)
      : bytes_(bytes), where_(std::move(where)), order_(order) {}

  std::size_t size() const { return bytes_.size(); }
  std::uint32_t u8(std::size_t at) const { return static_cast<std::uint32_t>(number(at, 1)); }
  std::uint32_t u16(std::size_t at) const { return static_cast<std::uint32_t>(number(at, 2)); }
  std::uint32_t u32(std::size_t at) const { return static_cast<std::uint32_t>(number(at, 4)); }
  std::int32_t i32(std::size_t at) const { return static_cast<std::int32_t>(u32(at)); }

  /// A number of up to 8 bytes; of none, 0.
  std::uint64_t number(std::size_t at, std::size_t count) const {
    const auto digits = part(at, count);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i)
      value =
          value << 8 | std::to_integer<std::uint64_t>(digits[order_ == std::endian::big ? i : count - 1 - i]);
    return value;
  }

  std::span<const std::byte> part(std::size_t at, std::size_t count) const {
    if (at > bytes_.size() || count > bytes_.size() - at) throw Error("image is cut short", where_);
    return bytes_.subspan(at, count);
  }

  bool has(std::size_t at, std::string_view text) const {
    if (at > bytes_.size() || text.size() > bytes_.size() - at) return false;
    for (std::size_t i = 0; i < text.size(); ++i)
      if (bytes_[at + i] != static_cast<std::byte>(text[i])) return false;
    return true;
  }

 private:
  std::span<const std::byte> bytes_;
  std::string where_;
  std::endian order_;
};

}  // namespace regard

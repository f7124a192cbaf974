#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace regard {

/// Numbers of any count of bits, highest first, as in the headers of HEVC and AV1. Beyond the end there are
/// zeros.
class BitReader {
 public:
  explicit BitReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::uint32_t bit() {
    const std::size_t byte = position_ / 8;
    const int shift = 7 - static_cast<int>(position_++ % 8);
    return byte < bytes_.size() ? std::to_integer<std::uint32_t>(bytes_[byte]) >> shift & 1 : 0;
  }
  std::uint32_t bits(int count) {
    std::uint32_t value = 0;
    for (int i = 0; i < count; ++i) value = value << 1 | bit();
    return value;
  }
  void skip(std::size_t count) { position_ += count; }

  /// An Exp-Golomb number, ue(v) of HEVC and uvlc() of AV1.
  std::uint32_t golomb() {
    int zeros = 0;
    while (zeros < 32 && position_ < 8 * bytes_.size() && !bit()) ++zeros;
    return zeros >= 32 ? 0xffffffff : (1u << zeros) - 1 + bits(zeros);
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t position_ = 0;
};

}  // namespace regard

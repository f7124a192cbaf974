#pragma once

#include <cstdint>

namespace regard {

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): random bits that are a function of the seed alone. Unlike
/// the distributions of the standard library, it gives the same numbers on every platform.
class SplitMix64 {
 public:
  explicit SplitMix64(std::uint64_t seed) : state_(seed) {}

  /// 64 random bits.
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
  }

 private:
  std::uint64_t state_;
};

}  // namespace regard

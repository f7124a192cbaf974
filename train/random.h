#pragma once

#include <ATen/CPUGeneratorImpl.h>

#include <cstdint>

#include "regard/core/random.h"

namespace regard {

/// Independent streams of random numbers that one seed gives.
enum class Stream : std::uint64_t { order = 1, step = 2, subset = 3, reestimate = 4 };

/// The generator of one stream's `number`-th part: a function of the recipe alone, so that no random state
/// has to be kept.
inline at::Generator generator(std::int64_t seed, Stream stream, std::int64_t number) {
  std::uint64_t x = static_cast<std::uint64_t>(seed);
  for (const auto part : {static_cast<std::uint64_t>(stream), static_cast<std::uint64_t>(number)})
    x = SplitMix64(x ^ part).next();
  return at::detail::createCPUGenerator(x);
}

/// The numbers below `count` in random order.
inline at::Tensor permutation(std::int64_t count, at::Generator randomness) {
  return at::randperm(count, std::move(randomness), at::kLong);
}

}  // namespace regard

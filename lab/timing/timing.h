#pragma once

#include <algorithm>
#include <chrono>
#include <random>
#include <vector>

#include "regard/core/image.h"

/// For alternating measurements, so that a slow machine affects all of them.
namespace regard {

/// How long `work` takes.
template <class Work>
double milliseconds(Work&& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

/// The median (the upper one of an even number); at least one value.
inline double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

/// Noise, the same for the same count and size.
inline std::vector<Image> random_chips(int count, int size) {
  std::mt19937 random(1);
  std::vector<Image> chips(static_cast<std::size_t>(count), Image(size, size));
  for (auto& chip : chips)
    for (auto& value : chip.pixels) value = static_cast<std::uint8_t>(random());
  return chips;
}

}  // namespace regard

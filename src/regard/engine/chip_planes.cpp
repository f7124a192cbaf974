#include "regard/engine/chip_planes.h"

#include <cstddef>
#include <string>

#include "regard/core/error.h"

namespace regard {
namespace {

void write_planes(const ImageView& chip, float* planes) {
  const std::size_t area = static_cast<std::size_t>(chip.width) * chip.height;
  for (int y = 0; y < chip.height; ++y) {
    const std::uint8_t* pixel = chip.row(y);
    float* row = planes + static_cast<std::size_t>(y) * chip.width;
    const int green = chip.channels == 3 ? 1 : 0, blue = 2 * green;
    for (int x = 0; x < chip.width; ++x, pixel += chip.channels) {
      row[x] = pixel[0];
      row[x + area] = pixel[green];
      row[x + 2 * area] = pixel[blue];
    }
  }
}

}  // namespace

void check_chip(const ImageView& chip, int size) {
  const auto sides = [](int width, int height) {
    return std::to_string(width) + " x " + std::to_string(height);
  };
  if (chip.empty() || chip.width != size || chip.height != size)
    throw Error("chip has the wrong size", "chips", sides(size, size), sides(chip.width, chip.height));
  check_view(chip, "chips");
}

void write_planes(std::span<const ImageView> chips, float* planes) {
  for (const auto& chip : chips) {
    write_planes(chip, planes);
    planes += 3 * static_cast<std::size_t>(chip.width) * chip.height;
  }
}

}  // namespace regard

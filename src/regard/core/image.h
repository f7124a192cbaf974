#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace regard {

/// Borrowed pixels: rows of interleaved 8-bit samples, `stride` bytes from row to row (at least a row's width
/// x channels). channels: 3 (RGB) or 1 (grey).
struct ImageView {
  const std::uint8_t* data = nullptr;
  int width = 0;
  int height = 0;
  int channels = 3;
  std::ptrdiff_t stride = 0;

  const std::uint8_t* row(int y) const { return data + y * stride; }
  bool empty() const { return !data || width <= 0 || height <= 0; }
};

/// Throws Error if a view has no pixels, a number of channels other than 1 or 3, or overlapping rows; `where`
/// names it in messages.
void check_view(const ImageView& view, const std::string& where = {});

/// An image in memory: RGB (channels 3) or grey (channels 1), 8 bits a sample, rows without gaps.
struct Image {
  int width = 0;
  int height = 0;
  int channels = 3;
  std::vector<std::uint8_t> pixels;

  Image() = default;
  Image(int width, int height, int channels = 3)
      : width(width),
        height(height),
        channels(channels),
        pixels(static_cast<std::size_t>(width) * height * channels) {}

  std::uint8_t* row(int y) { return pixels.data() + static_cast<std::size_t>(y) * width * channels; }
  const std::uint8_t* row(int y) const {
    return pixels.data() + static_cast<std::size_t>(y) * width * channels;
  }
  bool empty() const { return pixels.empty(); }
  ImageView view() const {
    return {pixels.data(), width, height, channels, static_cast<std::ptrdiff_t>(width) * channels};
  }
  operator ImageView() const { return view(); }  // NOLINT: an image is a view of itself
};

}  // namespace regard

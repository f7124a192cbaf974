#include "regard/track/scene_cuts.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace regard {
namespace {

constexpr int kWidth = 64, kHeight = 36;

// The most pixels of a cell, in each direction, that its mean is taken of.
constexpr int kSamples = 6;

float grey(const std::uint8_t* pixel, int channels) {
  return channels == 1 ? pixel[0] : .299f * pixel[0] + .587f * pixel[1] + .114f * pixel[2];
}

/// The mean of a cell of the image: [left, right) x [top, bottom), not empty.
float mean_of(ImageView image, int left, int right, int top, int bottom) {
  const int across = std::max(1, (right - left) / kSamples), down = std::max(1, (bottom - top) / kSamples);
  float sum = 0;
  int count = 0;
  for (int y = top; y < bottom; y += down)
    for (int x = left; x < right; x += across, ++count)
      sum += grey(image.row(y) + static_cast<std::ptrdiff_t>(x) * image.channels, image.channels);
  return sum / static_cast<float>(count);
}

std::vector<float> thumbnail(ImageView image) {
  std::vector<float> cells;
  cells.reserve(kWidth * kHeight);
  const auto edge = [](int cell, int cells, int pixels) {
    return static_cast<int>(static_cast<std::int64_t>(cell) * pixels / cells);
  };
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x) {
      const int left = edge(x, kWidth, image.width), top = edge(y, kHeight, image.height);
      const int right = std::max(left + 1, edge(x + 1, kWidth, image.width));
      const int bottom = std::max(top + 1, edge(y + 1, kHeight, image.height));
      cells.push_back(mean_of(image, left, right, top, bottom));
    }
  return cells;
}

}  // namespace

double SceneCuts::change(ImageView frame) {
  check_view(frame, "frame");
  auto now = thumbnail(frame);
  double sum = 0;
  for (std::size_t i = 0; i < before_.size(); ++i) sum += std::abs(now[i] - before_[i]);
  before_.swap(now);
  return sum / static_cast<double>(before_.size());
}

}  // namespace regard

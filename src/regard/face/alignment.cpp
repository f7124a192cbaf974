#include "regard/face/alignment.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <string>

#include "regard/core/error.h"
#include "regard/face/given_boxes.h"
#include "regard/image/opencv.h"

namespace regard {
namespace {

bool is_usable(const Affine& map) {
  return std::hypot(map.m[0], map.m[3]) > 0 &&
         std::all_of(map.m.begin(), map.m.end(), [](float value) { return std::abs(value) < kFarthest; });
}

/// The upright rectangle of pixels that contains the chip and `room` around it, clipped to the image; if the
/// chip is outside of the image, the pixels next to it.
cv::Rect region_of_chip(const Affine& map, int size, double room, cv::Size image) {
  const float s = static_cast<float>(size);
  float left = kFarthest, right = -kFarthest, top = kFarthest, bottom = -kFarthest;
  for (const Point corner : {map({0, 0}), map({s, 0}), map({0, s}), map({s, s})}) {
    left = std::min(left, corner.x), right = std::max(right, corner.x);
    top = std::min(top, corner.y), bottom = std::max(bottom, corner.y);
  }
  const auto first = [&](double v, int end) {
    return static_cast<int>(std::clamp(std::floor(v - room), 0., end - 1.));
  };
  const auto last = [&](double v, int end) {
    return static_cast<int>(std::clamp(std::ceil(v + room), 1., 1. * end));
  };
  const int x = first(left, image.width), y = first(top, image.height);
  return {x, y, std::max(1, last(right, image.width) - x), std::max(1, last(bottom, image.height) - y)};
}

/// Means of blocks of `factor` pixels. If the size is not a multiple, the remainder at the right and bottom,
/// less than half a pixel of the chip, is ignored.
cv::Mat shrink(const cv::Mat& region, cv::Size factor) {
  if (factor == cv::Size(1, 1)) return region;
  const cv::Size size(region.cols / factor.width, region.rows / factor.height);
  cv::Mat small;
  cv::resize(region(cv::Rect(0, 0, size.width * factor.width, size.height * factor.height)), small, size, 0,
             0, cv::INTER_AREA);
  return small;
}

/// `map`, whose pixel centres are at half indices, in OpenCV's convention (between pixel indices), from one
/// of `samples` samples per side of a chip's pixel to the region shrunk by `factor`.
cv::Matx23d between_indices(const Affine& map, int samples, cv::Point origin, cv::Size factor) {
  const auto& m = map.m;
  const auto row = [&](double a, double b, double c, int shift, int block) {
    const double step_x = a / samples, step_y = b / samples;
    return cv::Vec3d(step_x / block, step_y / block, ((step_x + step_y) / 2 + c - shift) / block - .5);
  };
  const auto x = row(m[0], m[1], m[2], origin.x, factor.width);
  const auto y = row(m[3], m[4], m[5], origin.y, factor.height);
  return {x[0], x[1], x[2], y[0], y[1], y[2]};
}

/// The chip of `size` pixels a side, `map` taking its pixels to the image's.
Image cut(const cv::Mat& whole, const Affine& map, int size) {
  // Pixels of the image per pixel of the chip. Shrinking to half of that first and then averaging a few
  // samples is cheap for faces of any size, and close to the mean over the rotated square.
  const double ratio = std::hypot(map.m[0], map.m[3]);
  const auto region = region_of_chip(map, size, ratio + 2, whole.size());
  const int block = std::max(1, static_cast<int>(ratio / 2));
  const cv::Size factor(std::min(block, region.width), std::min(block, region.height));
  const int samples = std::max(1, static_cast<int>(std::ceil(ratio / block)));

  cv::Mat sampled;
  cv::warpAffine(shrink(whole(region), factor), sampled, between_indices(map, samples, region.tl(), factor),
                 cv::Size(size * samples, size * samples), cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                 cv::BORDER_REPLICATE);
  Image result(size, size);
  cv::Mat pixels = mat_of(result);
  if (sampled.channels() == 1) cv::cvtColor(sampled, sampled, cv::COLOR_GRAY2RGB);
  cv::resize(sampled, pixels, pixels.size(), 0, 0, cv::INTER_AREA);
  return result;
}

}  // namespace

Affine chip_to_image(const Landmarks& landmarks, const ChipOptions& chip) {
  for (const Point p : landmarks)
    if (!(std::abs(p.x) < kFarthest && std::abs(p.y) < kFarthest))
      throw Error("landmark is out of range", "landmarks", "finite pixels",
                  std::to_string(p.x) + ", " + std::to_string(p.y));
  if (chip.size < 1) throw Error("chip cannot be cut", "chip", "a size above 0", std::to_string(chip.size));
  const float size = static_cast<float>(chip.size);
  Landmarks places = landmark_places(chip);
  for (auto& [x, y] : places) x *= size, y *= size;
  const Affine map = inverse(fit_similarity(landmarks, places));
  if (!is_usable(map)) throw Error("landmarks coincide or are no face's", "landmarks");
  return map;
}

Landmarks landmarks_in_chip(const Landmarks& landmarks, const ChipOptions& chip) {
  const Affine map = inverse(chip_to_image(landmarks, chip));
  const float size = static_cast<float>(chip.size);
  Landmarks places;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const Point pixel = map(landmarks[i]);
    places[i] = {pixel.x / size, pixel.y / size};
  }
  return places;
}

std::array<Point, 4> corners_in_image(const Affine& view, const Landmarks& landmarks,
                                      const ChipOptions& chip) {
  const Affine to_image = chip_to_image(landmarks, chip);
  const float size = static_cast<float>(chip.size);
  std::array<Point, 4> corners{{{0, 0}, {1, 0}, {1, 1}, {0, 1}}};
  for (auto& corner : corners) {
    const Point place = view(corner);
    corner = to_image({place.x * size, place.y * size});
  }
  return corners;
}

Image cut_chip(ImageView image, const Landmarks& landmarks, const ChipOptions& chip) {
  return cut_chip(image, chip_to_image(landmarks, chip), chip.size);
}

Image cut_chip(ImageView image, const Affine& chip_to_image, int size) {
  check_view(image);
  if (!is_usable(chip_to_image) || size < 1) throw Error("chip cannot be cut", "chip", "a similarity");
  try {
    return cut(mat_of(image), chip_to_image, size);
  } catch (const cv::Exception& error) {
    throw Error("chip cannot be cut: " + error.err);
  }
}

Landmarks landmarks_of_box(const Box& box) {
  // Means over the detector's boxes of 374 images of FERPlus' validation split, scaled to 96 pixels and
  // centred in a grey square of 160, made symmetric; their standard deviation is .06 (nose .10) horizontally
  // and .03 vertically.
  constexpr std::array<Point, 5> kPlaces{
      {{.279f, .366f}, {.721f, .366f}, {.500f, .561f}, {.320f, .733f}, {.680f, .733f}}};
  Landmarks landmarks;
  for (std::size_t i = 0; i < landmarks.size(); ++i)
    landmarks[i] = {box.x + kPlaces[i].x * box.width, box.y + kPlaces[i].y * box.height};
  return landmarks;
}

}  // namespace regard

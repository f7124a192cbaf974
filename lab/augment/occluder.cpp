#include "lab/augment/occluder.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "lab/augment/occluder_objects.h"
#include "regard/core/chip.h"
#include "regard/core/error.h"

namespace regard {
namespace {

constexpr int kGrid = 20;        // samples a side when it is decided whether a draw will do
constexpr int kMostDraws = 64;   // of which the first that will do is taken
constexpr float kMargin = .02f;  // between what is measured on the grid and on the image

/// From pixels to the frame of the face: its origin is midway between the eyes, their distance is the unit,
/// and the mouth is below.
Affine face_frame(const Landmarks& landmarks, int width, int height) {
  const auto x = [&](int i) { return landmarks[i].x * static_cast<float>(width); };
  const auto y = [&](int i) { return landmarks[i].y * static_cast<float>(height); };
  const float dx = x(1) - x(0), dy = y(1) - y(0), square = dx * dx + dy * dy;
  if (!(square > 1e-6f) || !std::isfinite(square)) throw Error("the landmarks' eyes coincide");
  const float cx = (x(0) + x(1)) / 2, cy = (y(0) + y(1)) / 2, a = dx / square, b = dy / square;
  return {{a, b, -a * cx - b * cy, -b, a, b * cx - a * cy}};
}

/// A part of the face in its frame: an ellipse, or half of one.
struct PartShape {
  Point centre, radii;
  float side = 0;  // -1 or 1: the left or the right half only

  bool has(Point p) const {
    const float x = (p.x - centre.x) / radii.x, y = (p.y - centre.y) / radii.y;
    return x * x + y * y < 1 && p.x * side >= 0;
  }
};

PartShape shape_of(FacePart part) {
  switch (part) {
    case FacePart::brow:
      return {{0, -.42f}, {.85f, .25f}};
    case FacePart::left_eye:
      return {{-.5f, 0}, {.27f, .14f}};
    case FacePart::right_eye:
      return {{.5f, 0}, {.27f, .14f}};
    case FacePart::nose:
      return {{0, .42f}, {.25f, .35f}};
    case FacePart::mouth:
      return {{0, 1.03f}, {.45f, .2f}};
    case FacePart::left_half:
      return {{0, .35f}, {1.1f, 1.45f}, -1};
    case FacePart::right_half:
      return {{0, .35f}, {1.1f, 1.45f}, 1};
    case FacePart::face:
      break;
  }
  return {{0, .35f}, {1.1f, 1.45f}};
}

/// Mean of `occluded` where `has` holds of a pixel's centre; 0 if it holds nowhere.
template <class Has>
float mean_where(const std::vector<float>& occluded, int width, Has has) {
  float sum = 0, count = 0;
  for (std::size_t i = 0; i < occluded.size(); ++i) {
    const std::size_t row = i / width, column = i % width;
    const auto x = static_cast<float>(column) + .5f, y = static_cast<float>(row) + .5f;
    if (!has(Point{x, y})) continue;
    sum += occluded[i];
    ++count;
  }
  return count > 0 ? sum / count : 0;
}

float fraction_of(FacePart part, const std::vector<float>& occluded, int width, const Affine& to_face) {
  const PartShape shape = shape_of(part);
  return mean_where(occluded, width, [&](Point p) { return shape.has(to_face(p)); });
}

/// Whether the object hides the parts that define its kind, and no others.
bool does_what_it_claims(OccluderKind kind, const std::vector<float>& occluded, const Affine& to_face) {
  const auto share = [&](FacePart part) { return fraction_of(part, occluded, kGrid, to_face); };
  const auto eyes = [&] { return (share(FacePart::left_eye) + share(FacePart::right_eye)) / 2; };
  const float face = share(FacePart::face);
  if (face < kMinOcclusion + kMargin || face > kMaxOcclusion - kMargin) return false;
  if (kind == OccluderKind::upper) return share(FacePart::brow) > .7f && share(FacePart::mouth) < .05f;
  if (kind == OccluderKind::bottom) return share(FacePart::mouth) > .75f && eyes() < .1f;
  if (kind == OccluderKind::left_right) {
    const float left = share(FacePart::left_half), right = share(FacePart::right_half);
    return std::max(left, right) > 3 * std::min(left, right);
  }
  const float mouth = share(FacePart::mouth), both = eyes();
  return (both > .85f && mouth < .05f) || (mouth > .9f && both < .1f);
}

struct Drawn {
  const OccluderObject* object;
  Layers layers;
};

Drawn draw_object(OccluderKind kind, OccluderRandom& random, const Affine& from_grid) {
  const auto objects = occluder_objects(kind);
  Drawn drawn{&objects[random.index(static_cast<int>(objects.size()))], {}};
  for (int i = 0; i < kMostDraws; ++i) {
    drawn.layers = drawn.object->draw(random);
    if (does_what_it_claims(kind, occlusion_of_layers(drawn.layers, from_grid, kGrid, kGrid), from_grid))
      break;
  }
  return drawn;
}

/// Memory layout of an image: the sample (x, y) of channel c is at x pixel + y row + c plane.
struct Strides {
  std::size_t pixel, row, plane;
};

float tone_of(const Occluder& occluder, const std::uint8_t* samples, const Strides& strides) {
  const ToneBox box = tone_box(occluder.landmarks, occluder.width, occluder.height);
  float sum = 0;
  for (int y = box.y; y < box.y + box.height; ++y)
    for (int x = box.x; x < box.x + box.width; ++x) sum += samples[x * strides.pixel + y * strides.row];
  return sum / static_cast<float>(box.width * box.height);
}

void paste_samples(const Occluder& occluder, std::uint8_t* samples, const Strides& strides) {
  const auto area = static_cast<std::size_t>(occluder.width) * occluder.height;
  for (int c = 0; c < occluder.channels; ++c) {
    std::uint8_t* plane = samples + c * strides.plane;
    const float* colour = occluder.colour.data() + c * area;
    const float tone = tone_of(occluder, plane, strides);
    for (std::size_t i = 0; i < area; ++i) {
      auto& sample = plane[i % occluder.width * strides.pixel + i / occluder.width * strides.row];
      const float value = occluder.kept[i] * sample + colour[i] + occluder.skin[i] * tone;
      sample = static_cast<std::uint8_t>(std::clamp(value + .5f, 0.f, 255.f));
    }
  }
}

void check_form(const Occluder& occluder, bool same, const std::string& got) {
  if (!same)
    throw Error("image has another form than the occluder", {},
                std::to_string(occluder.width) + " x " + std::to_string(occluder.height) + " x " +
                    std::to_string(occluder.channels),
                got);
}

}  // namespace

std::uint64_t training_seed(std::uint64_t bits) {
  return bits & ~std::uint64_t{1};
}

std::uint64_t validation_seed(std::uint64_t seed, std::uint64_t index) {
  OccluderRandom random(OccluderRandom(seed).bits() ^ index);
  return random.bits() | 1;
}

Landmarks usual_landmarks() {
  const auto places = ChipOptions{}.landmarks;
  Landmarks landmarks;
  for (std::size_t i = 0; i < landmarks.size(); ++i) landmarks[i] = {places[2 * i], places[2 * i + 1]};
  return landmarks;
}

Occluder draw_occluder(OccluderKind kind, std::uint64_t seed, const Landmarks& landmarks, int width,
                       int height, int channels) {
  if (width < 1 || height < 1 || (channels != 1 && channels != 3))
    throw Error("occluder cannot have this form", {}, "a size, and 1 or 3 channels",
                std::to_string(width) + " x " + std::to_string(height) + " x " + std::to_string(channels));
  OccluderRandom random(seed);
  const auto [object, layers] = draw_object(kind, random, face_frame(landmarks, kGrid, kGrid));
  const float softness = random.uniform(.8f, 1.6f);
  auto painted =
      paint_layers(layers, face_frame(landmarks, width, height), width, height, channels, softness);
  return {kind,
          object->name,
          width,
          height,
          channels,
          landmarks,
          std::move(painted.colour),
          std::move(painted.skin),
          std::move(painted.kept),
          std::move(painted.occluded)};
}

ToneBox tone_box(const Landmarks& landmarks, int width, int height) {
  const auto within = [](float fraction, int size) {
    return static_cast<int>(std::clamp(fraction, 0.f, .999f) * static_cast<float>(size));
  };
  const auto& [left_eye, right_eye, nose, left_corner, right_corner] = landmarks;
  const float eyes = (left_eye.y + right_eye.y) / 2, mouth = (left_corner.y + right_corner.y) / 2;
  const int x0 = within(left_eye.x, width), x1 = within(right_eye.x, width);
  const int y0 = within(std::lerp(eyes, mouth, .25f), height);
  const int y1 = within(std::lerp(eyes, mouth, .7f), height);
  return {std::min(x0, x1), std::min(y0, y1), std::abs(x1 - x0) + 1, std::abs(y1 - y0) + 1};
}

void paste(const Occluder& occluder, std::span<std::uint8_t> planar) {
  const auto area = static_cast<std::size_t>(occluder.width) * occluder.height;
  check_form(occluder, planar.size() == area * occluder.channels, std::to_string(planar.size()) + " samples");
  paste_samples(occluder, planar.data(), {1, static_cast<std::size_t>(occluder.width), area});
}

void paste(const Occluder& occluder, Image& image) {
  check_form(
      occluder,
      image.width == occluder.width && image.height == occluder.height && image.channels == occluder.channels,
      std::to_string(image.width) + " x " + std::to_string(image.height) + " x " +
          std::to_string(image.channels));
  const auto channels = static_cast<std::size_t>(image.channels);
  paste_samples(occluder, image.pixels.data(), {channels, channels * image.width, 1});
}

float occluded(const Occluder& occluder, FacePart part) {
  return fraction_of(part, occluder.occluded, occluder.width,
                     face_frame(occluder.landmarks, occluder.width, occluder.height));
}

float occluded(const Occluder& occluder, const Box& box) {
  const auto width = static_cast<float>(occluder.width), height = static_cast<float>(occluder.height);
  return mean_where(occluder.occluded, occluder.width, [&](Point p) {
    const float x = p.x / width - box.x, y = p.y / height - box.y;
    return x >= 0 && x < box.width && y >= 0 && y < box.height;
  });
}

}  // namespace regard

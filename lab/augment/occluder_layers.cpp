#include "lab/augment/occluder_layers.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace regard {
namespace {

constexpr float kTurn = 2 * std::numbers::pi_v<float>;
constexpr float kShadowReach = .18f;

float squared(float x) {
  return x * x;
}

float length(Point p) {
  return std::sqrt(p.x * p.x + p.y * p.y);
}

/// std::lerp, without what that does for infinities: it is called for every pixel many times.
float between(float a, float b, float share) {
  return a + (b - a) * share;
}

/// 0 below `low`, 1 above `high`, smooth between.
float step(float low, float high, float x) {
  const float t = std::clamp((x - low) / (high - low), 0.f, 1.f);
  return t * t * (3 - 2 * t);
}

std::int32_t floor_of(float x) {
  const auto whole = static_cast<std::int32_t>(x);
  return whole - (x < static_cast<float>(whole));
}

/// 0 to 1, the same for the same place.
float lattice(std::int32_t x, std::int32_t y, std::uint32_t seed) {
  std::uint32_t h = static_cast<std::uint32_t>(x) * 0x8da6b343u + static_cast<std::uint32_t>(y) * 0xd8163841u;
  h = (h ^ seed) * 0x9e3779b1u;
  h = (h ^ (h >> 15)) * 0x85ebca77u;
  return static_cast<float>((h ^ (h >> 13)) >> 8) * 0x1p-24f;
}

/// Nearest point of a segment, as a share of the way.
float share_of_way(Point p, Point from, Point to) {
  const Point way{to.x - from.x, to.y - from.y};
  const float whole = way.x * way.x + way.y * way.y;
  if (whole == 0) return 0;
  return std::clamp(((p.x - from.x) * way.x + (p.y - from.y) * way.y) / whole, 0.f, 1.f);
}

float distance_to_segment(Point p, Point from, Point to) {
  const float t = share_of_way(p, from, to);
  return length({p.x - from.x - t * (to.x - from.x), p.y - from.y - t * (to.y - from.y)});
}

float stripe(float x) {
  return step(-.35f, .35f, std::sin(kTurn * x));
}

/// Share of the second colour at a point whose x runs across the pattern.
float amount(const Texture& texture, Point p) {
  const float f = texture.frequency;
  const auto noise = [&](float x, float y) { return smooth_noise({x, y}, texture.seed); };
  switch (texture.pattern) {
    case Pattern::plain:
      return 0;
    case Pattern::gradient:
      return std::clamp(.5f + p.x * f, 0.f, 1.f);
    case Pattern::stripes:
      return stripe(p.x * f);
    case Pattern::plaid:
      return (stripe(p.x * f) + stripe(p.y * f)) / 2;
    case Pattern::blotches:
      return .65f * noise(p.x * f, p.y * f) + .35f * noise(p.x * 2.7f * f, p.y * 2.7f * f);
    case Pattern::weave:
      return .5f + .25f * std::sin(kTurn * p.x * f) * std::sin(kTurn * p.y * f) +
             .5f * (noise(p.x * 1.5f, p.y * 1.5f) - .5f);
    case Pattern::strands:
      return .7f * noise(p.x * f, p.y * f * .1f) + .3f * noise(p.x * f * .25f, p.y * f * .12f);
    case Pattern::folds:
      return .5f + .5f * std::sin(kTurn * (p.y * f + .6f * noise(p.x * 1.2f, p.y * 1.2f)));
  }
  return 0;
}

/// The colour at a point `local` of a shape, `distance` from its edge; `across`: the point in the pattern's
/// frame.
Colour colour_of(const Texture& texture, Point across, Point local, float distance) {
  float light = 1;
  if (texture.roundness > 0) light -= texture.roundness * squared(std::clamp(1 + distance / .25f, 0.f, 1.f));
  if (texture.roughness > 0)
    light += texture.roughness * (2 * smooth_noise({local.x * 24, local.y * 24}, texture.seed + 1) - 1);
  const Colour colour = mix(texture.first, texture.second, amount(texture, across));
  const auto lit = [light](float value) { return std::clamp(value * light, 0.f, 255.f); };
  return {lit(colour.r), lit(colour.g), lit(colour.b)};
}

/// A circle that holds a shape.
struct Circle {
  Point centre;
  float radius;
};

Circle circle_of(const Ellipse& ellipse) {
  return {{}, 1.2f * std::max(ellipse.radii.x, ellipse.radii.y)};
}

Circle circle_of(const Strip& strip) {
  const Point half{(strip.to.x - strip.from.x) / 2, (strip.to.y - strip.from.y) / 2};
  return {{strip.from.x + half.x, strip.from.y + half.y},
          length(half) + std::max(strip.from_radius, strip.to_radius)};
}

Circle circle_of(const Polygon& polygon) {
  Circle circle{{}, 0};
  const auto count = static_cast<float>(polygon.corners.size());
  for (const Point p : polygon.corners) circle.centre.x += p.x / count, circle.centre.y += p.y / count;
  for (const Point p : polygon.corners)
    circle.radius = std::max(circle.radius, length({p.x - circle.centre.x, p.y - circle.centre.y}));
  circle.radius += polygon.rounding;
  return circle;
}

Circle circle_of(const Edge&) {
  return {{}, 1e6f};
}

/// A layer, ready to be asked pixel by pixel.
class Ready {
 public:
  explicit Ready(const Layer& layer)
      : layer(layer),
        cosine_(std::cos(layer.place.angle) / layer.place.scale),
        sine_(std::sin(layer.place.angle) / layer.place.scale),
        pattern_cosine_(std::cos(layer.texture.angle)),
        pattern_sine_(std::sin(layer.texture.angle)),
        circle_(std::visit([](const auto& shape) { return circle_of(shape); }, layer.shape)) {}

  Point local(Point p) const {
    const float x = p.x - layer.place.origin.x, y = p.y - layer.place.origin.y;
    return {cosine_ * x + sine_ * y, cosine_ * y - sine_ * x};
  }
  /// Whether a place lies further than `reach` (of the frame's units) from the shape, at a glance.
  bool is_far(Point local, float reach) const {
    return squared(local.x - circle_.centre.x) + squared(local.y - circle_.centre.y) >
           squared(circle_.radius + reach / layer.place.scale);
  }
  /// In the frame's unit.
  float distance(Point local) const {
    return layer.place.scale * std::visit([&](const auto& shape) { return shape(local); }, layer.shape);
  }
  Colour colour(Point local, float distance) const {
    const Point across{pattern_cosine_ * local.x + pattern_sine_ * local.y,
                       pattern_cosine_ * local.y - pattern_sine_ * local.x};
    return colour_of(layer.texture, across, local, distance);
  }

  const Layer& layer;

 private:
  float cosine_, sine_, pattern_cosine_, pattern_sine_;
  Circle circle_;
};

float opacity_at(float distance, float pixel, float opacity) {
  return opacity * std::clamp(.5f - distance / pixel, 0.f, 1.f);
}

/// How many of the frame's units a pixel is wide.
float pixel_of(const Affine& to_face) {
  return length({to_face.m[0], to_face.m[3]});
}

Point place_of(const Affine& to_face, int x, int y) {
  return to_face({static_cast<float>(x) + .5f, static_cast<float>(y) + .5f});
}

/// What the layers do to one pixel, from the top one down.
struct Pixel {
  Colour colour;
  float skin = 0, kept = 1, seen = 1;

  bool is_done() const { return kept < 1e-3f; }
  void paint(const Colour& value, bool is_skin, float opacity) {
    const float share = kept * opacity;
    if (is_skin) {
      skin += share * value.luma() / 255;
    } else {
      colour = {colour.r + share * value.r, colour.g + share * value.g, colour.b + share * value.b};
    }
    kept *= 1 - opacity;
    seen *= 1 - opacity;
  }
};

Pixel pixel_at(const std::vector<Ready>& layers, Point p, float edge) {
  Pixel pixel;
  const float reach = std::max(kShadowReach, edge);
  for (auto ready = layers.rbegin(); ready != layers.rend() && !pixel.is_done(); ++ready) {
    const auto& [shape, texture, place, opacity, shadow] = ready->layer;
    const Point local = ready->local(p);
    if (ready->is_far(local, reach)) continue;
    const float distance = ready->distance(local);
    if (distance > reach) continue;
    if (const float share = opacity_at(distance, edge, opacity); share > 0)
      pixel.paint(ready->colour(local, distance), texture.skin, share);
    // Under the shape the shadow is whole; what the shape hides is not dimmed twice.
    if (shadow > 0) pixel.kept *= 1 - shadow * squared(1 - step(0, kShadowReach, distance));
  }
  return pixel;
}

}  // namespace

float OccluderRandom::uniform(float low, float high) {
  return low + (high - low) * static_cast<float>(bits() >> 40) * 0x1p-24f;
}

float smooth_noise(Point p, std::uint32_t seed) {
  const std::int32_t x = floor_of(p.x), y = floor_of(p.y);
  const float u = step(0, 1, p.x - static_cast<float>(x)), v = step(0, 1, p.y - static_cast<float>(y));
  const float above = between(lattice(x, y, seed), lattice(x + 1, y, seed), u);
  const float below = between(lattice(x, y + 1, seed), lattice(x + 1, y + 1, seed), u);
  return between(above, below, v);
}

float Ellipse::operator()(Point p) const {
  const float x = squared(p.x / radii.x), y = squared(p.y / radii.y);
  const float ratio = squarish ? std::sqrt(std::sqrt(x * x + y * y)) : std::sqrt(x + y);
  if (ratio < 1e-3f) return -std::min(radii.x, radii.y);
  // First order: what is too much, by the slope of the ratio there.
  const float gx = squarish ? x * p.x / squared(radii.x) : p.x / squared(radii.x);
  const float gy = squarish ? y * p.y / squared(radii.y) : p.y / squared(radii.y);
  const float slope = length({gx, gy}) / (squarish ? ratio * ratio * ratio : ratio);
  return (ratio - 1) / std::max(slope, 1e-3f);
}

float Strip::operator()(Point p) const {
  const float t = share_of_way(p, from, to);
  const Point nearest{between(from.x, to.x, t), between(from.y, to.y, t)};
  return length({p.x - nearest.x, p.y - nearest.y}) - between(from_radius, to_radius, t);
}

float Polygon::operator()(Point p) const {
  float nearest = 1e9f;
  bool inside = false;
  for (std::size_t i = 0, last = corners.size() - 1; i < corners.size(); last = i++) {
    const Point a = corners[i], b = corners[last];
    nearest = std::min(nearest, distance_to_segment(p, a, b));
    if ((a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x) inside = !inside;
  }
  return (inside ? -nearest : nearest) - rounding;
}

float Edge::operator()(Point p) const {
  float line = 0;
  if (wave > 0) line += wave * (2 * smooth_noise({p.x * 1.3f, .5f}, seed) - 1);
  if (jag > 0) line += jag * (2 * smooth_noise({p.x * 7, 9.5f}, seed) - 1);
  return p.y - line;
}

Colour mix(const Colour& a, const Colour& b, float share) {
  return {between(a.r, b.r, share), between(a.g, b.g, share), between(a.b, b.b, share)};
}

Painted paint_layers(const Layers& layers, const Affine& to_face, int width, int height, int channels,
                     float softness) {
  const std::vector<Ready> ready(layers.begin(), layers.end());
  const float edge = softness * pixel_of(to_face);
  const auto area = static_cast<std::size_t>(width) * height;
  Painted out{std::vector<float>(area * channels), std::vector<float>(area), std::vector<float>(area),
              std::vector<float>(area)};
  for (std::size_t i = 0; i < area; ++i) {
    const auto x = static_cast<int>(i % width), y = static_cast<int>(i / width);
    const Pixel pixel = pixel_at(ready, place_of(to_face, x, y), edge);
    out.skin[i] = pixel.skin, out.kept[i] = pixel.kept, out.occluded[i] = 1 - pixel.seen;
    const Colour& c = pixel.colour;
    if (channels == 1) {
      out.colour[i] = c.luma();
    } else {
      out.colour[i] = c.r, out.colour[area + i] = c.g, out.colour[2 * area + i] = c.b;
    }
  }
  return out;
}

std::vector<float> occlusion_of_layers(const Layers& layers, const Affine& to_face, int width, int height) {
  const std::vector<Ready> ready(layers.begin(), layers.end());
  const float edge = pixel_of(to_face);
  std::vector<float> occluded(static_cast<std::size_t>(width) * height);
  for (std::size_t i = 0; i < occluded.size(); ++i) {
    const auto x = static_cast<int>(i % width), y = static_cast<int>(i / width);
    const Point p = place_of(to_face, x, y);
    float seen = 1;
    for (const Ready& layer : ready) {
      const Point local = layer.local(p);
      if (!layer.is_far(local, edge))
        seen *= 1 - opacity_at(layer.distance(local), edge, layer.layer.opacity);
    }
    occluded[i] = 1 - seen;
  }
  return occluded;
}

}  // namespace regard

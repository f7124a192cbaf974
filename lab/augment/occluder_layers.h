#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "regard/core/geometry.h"
#include "regard/core/random.h"

/// Building blocks of occluders: layers of anti-aliased shapes with textures. Lengths are in distances
/// between the eyes, x to the right, y down; a shape is a function that gives the signed distance of a point
/// to its edge (below zero inside; near the edge only, an approximation further off).
namespace regard {

/// Random numbers that are the same on every platform.
class OccluderRandom {
 public:
  explicit OccluderRandom(std::uint64_t seed) : bits_(seed) {}

  std::uint64_t bits() { return bits_.next(); }
  float uniform(float low, float high);
  /// 0 to count - 1.
  int index(int count) { return static_cast<int>(bits() % static_cast<std::uint64_t>(count)); }
  bool coin(float probability = .5f) { return uniform(0, 1) < probability; }
  /// -1 or 1.
  float side() { return coin() ? -1.f : 1.f; }

 private:
  SplitMix64 bits_;
};

/// Smooth random values in [0, 1], one wave about one unit long.
float smooth_noise(Point p, std::uint32_t seed);

/// An upright ellipse about the origin; `squarish`: the superellipse of power 4.
struct Ellipse {
  Point radii;
  bool squarish = false;
  float operator()(Point p) const;
};

/// The line from one point to another, as broad as two radii.
struct Strip {
  Point from, to;
  float from_radius, to_radius;
  float operator()(Point p) const;
};

/// Corners in order, either way round; `rounding`: a radius that is added all round.
struct Polygon {
  std::vector<Point> corners;
  float rounding = 0;
  float operator()(Point p) const;
};

/// All that lies above a line near y = 0 that waves (long) and is jagged (short).
struct Edge {
  float wave = 0, jag = 0;
  std::uint32_t seed = 0;
  float operator()(Point p) const;
};

using Outline = std::variant<Ellipse, Strip, Polygon, Edge>;

/// Red, green, blue, 0 to 255.
struct Colour {
  float r = 0, g = 0, b = 0;
  float luma() const { return .299f * r + .587f * g + .114f * b; }
};
Colour mix(const Colour& a, const Colour& b, float share);

enum class Pattern { plain, gradient, stripes, plaid, blotches, weave, strands, folds };

/// Two colours and how they take turns.
struct Texture {
  Pattern pattern = Pattern::plain;
  Colour first, second;
  float frequency = 4;  ///< repeats in the distance between the eyes
  float angle = 0;      ///< of the pattern, radians
  float roundness = 0;  ///< how much darker the shape's rim is than its middle, 0 to 1
  float roughness = 0;  ///< fine noise, 0 to 1
  bool skin = false;    ///< the colours are shares of the face's own tone: 255 is that tone
  std::uint32_t seed = 0;
};

/// A similarity of the plane: turned by `angle` (radians, clockwise as seen), scaled, moved to `origin`.
struct Placement {
  Point origin;
  float angle = 0, scale = 1;
};

/// One shape, placed, with its texture and the shadow it throws on what lies below.
struct Layer {
  Outline shape;
  Texture texture;
  Placement place;
  float opacity = 1;
  float shadow = 0;  ///< darkening beside the edge, 0 to 1
};
using Layers = std::vector<Layer>;

/// What layers do to an image: new = kept x old + colour + skin x (tone of the face), 0 to 255 each;
/// occluded: the share of a pixel that is hidden. Colour has `channels` planes, the others one.
struct Painted {
  std::vector<float> colour, skin, kept, occluded;
};

/// `to_face`: from pixels (centres at half an index) to the layers' frame, a similarity. `softness`: the
/// width of edges in pixels.
Painted paint_layers(const Layers& layers, const Affine& to_face, int width, int height, int channels,
                     float softness);

/// `occluded` alone, without textures.
std::vector<float> occlusion_of_layers(const Layers& layers, const Affine& to_face, int width, int height);

}  // namespace regard

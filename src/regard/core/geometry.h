#pragma once

#include <array>
#include <span>

namespace regard {

/// A point in an image, in pixels: x to the right, y down, (0, 0) the upper left corner of the upper left
/// pixel, so that a pixel's centre lies at half an index.
struct Point {
  float x = 0;
  float y = 0;
};

/// An upright rectangle in pixels: its upper left corner and its size.
struct Box {
  float x = 0;
  float y = 0;
  float width = 0;
  float height = 0;

  float area() const { return width * height; }
};

/// Five points of a face: left eye, right eye, nose tip, left and right mouth corner, as seen in the image.
/// In pixels unless stated otherwise.
using Landmarks = std::array<Point, 5>;

/// Head pose in degrees; all 0 if the head faces the camera. Positive yaw is towards the right of the image,
/// positive pitch upwards, positive roll clockwise in the image.
struct HeadPose {
  float yaw = 0;
  float pitch = 0;
  float roll = 0;
};

/// Area of the intersection over area of the union, in [0, 1]; 0 where both are empty.
float intersection_over_union(const Box& a, const Box& b);

/// An affine map of the plane, row by row: x' = m[0] x + m[1] y + m[2], y' = m[3] x + m[4] y + m[5].
struct Affine {
  std::array<float, 6> m{1, 0, 0, 0, 1, 0};

  Point operator()(Point p) const { return {m[0] * p.x + m[1] * p.y + m[2], m[3] * p.x + m[4] * p.y + m[5]}; }
};

/// First `inner`, then `outer`.
Affine compose(const Affine& outer, const Affine& inner);

/// The inverse map. Throws Error if there is none (determinant 0 or not finite).
Affine inverse(const Affine& map);

/// The similarity transform (rotation, uniform scale, translation; no reflection) from `from` to `to` with
/// the least sum of squared distances (Umeyama, PAMI 1991). Throws Error for fewer than two points, for lists
/// of different length, and for `from` points that all coincide.
Affine fit_similarity(std::span<const Point> from, std::span<const Point> to);

}  // namespace regard

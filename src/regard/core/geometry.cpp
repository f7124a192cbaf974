#include "regard/core/geometry.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "regard/core/error.h"

namespace regard {

float intersection_over_union(const Box& a, const Box& b) {
  const float width = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
  const float height = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const float common = width * height;
  return common / (a.area() + b.area() - common);
}

Affine compose(const Affine& outer, const Affine& inner) {
  const auto& o = outer.m;
  const auto& i = inner.m;
  return {{o[0] * i[0] + o[1] * i[3], o[0] * i[1] + o[1] * i[4], o[0] * i[2] + o[1] * i[5] + o[2],
           o[3] * i[0] + o[4] * i[3], o[3] * i[1] + o[4] * i[4], o[3] * i[2] + o[4] * i[5] + o[5]}};
}

Affine inverse(const Affine& map) {
  const auto& m = map.m;
  const float determinant = m[0] * m[4] - m[1] * m[3];
  if (determinant == 0 || !std::isfinite(determinant)) throw Error("affine map cannot be inverted");
  const float a = m[4] / determinant, b = -m[1] / determinant;
  const float c = -m[3] / determinant, d = m[0] / determinant;
  return {{a, b, -(a * m[2] + b * m[5]), c, d, -(c * m[2] + d * m[5])}};
}

Affine fit_similarity(std::span<const Point> from, std::span<const Point> to) {
  if (from.size() != to.size() || from.size() < 2)
    throw Error("similarity cannot be fitted", "points", "two lists of the same length, 2 or more",
                std::to_string(from.size()) + " and " + std::to_string(to.size()));
  double from_x = 0, from_y = 0, to_x = 0, to_y = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    from_x += from[i].x, from_y += from[i].y;
    to_x += to[i].x, to_y += to[i].y;
  }
  const double n = static_cast<double>(from.size());
  from_x /= n, from_y /= n, to_x /= n, to_y /= n;
  // With the points as complex numbers, the best factor is sum(conj(from) to) / sum(|from|^2).
  double real = 0, imaginary = 0, spread = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const double fx = from[i].x - from_x, fy = from[i].y - from_y;
    const double tx = to[i].x - to_x, ty = to[i].y - to_y;
    real += fx * tx + fy * ty;
    imaginary += fx * ty - fy * tx;
    spread += fx * fx + fy * fy;
  }
  if (!(spread > 0)) throw Error("similarity cannot be fitted", "points", "at least two different ones");
  const double a = real / spread, b = imaginary / spread;
  const auto f = [](double v) { return static_cast<float>(v); };
  return {{f(a), f(-b), f(to_x - a * from_x + b * from_y), f(b), f(a), f(to_y - b * from_x - a * from_y)}};
}

}  // namespace regard

#include "lab/render/rasterizer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "regard/core/range_check.h"

namespace regard {

namespace {

constexpr int kSamples = 2;  // a side of a pixel
constexpr int kLargest = 8192;

Vector3 rotated(const std::array<Vector3, 3>& rotation, const Vector3& p) {
  const auto row = [&](std::size_t i) {
    return rotation[i][0] * p[0] + rotation[i][1] * p[1] + rotation[i][2] * p[2];
  };
  return {row(0), row(1), row(2)};
}

std::array<Vector3, 3> product(const std::array<Vector3, 3>& a, const std::array<Vector3, 3>& b) {
  std::array<Vector3, 3> result{};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j)
      for (std::size_t k = 0; k < 3; ++k) result[i][j] += a[i][k] * b[k][j];
  return result;
}

/// The middle of the mesh and the larger side of what is seen from the front.
struct Extent {
  Vector3 middle{};
  float side = 0;
};

Extent extent_of(const Mesh& mesh) {
  constexpr float kFar = std::numeric_limits<float>::max();
  Vector3 low{kFar, kFar, kFar}, high{-kFar, -kFar, -kFar};
  for (const auto& triangle : mesh.triangles)
    for (const auto& corner : triangle)
      for (std::size_t axis = 0; axis < 3; ++axis) {
        const float value = mesh.points[static_cast<std::size_t>(corner.point)][axis];
        low[axis] = std::min(low[axis], value);
        high[axis] = std::max(high[axis], value);
      }
  Extent extent;
  for (std::size_t axis = 0; axis < 3; ++axis) extent.middle[axis] = (low[axis] + high[axis]) / 2;
  extent.side = std::max({high[0] - low[0], high[1] - low[1], (high[2] - low[2]) / 2});
  return extent;
}

/// Twice the area of a triangle in the image, positive if it is anticlockwise where y points up.
float area_of(const Vector3& a, const Vector3& b, const Vector3& c) {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

/// 1, or -1 if what is seen from the front runs clockwise, as some programs write it. Closed surfaces show as
/// much of either kind and are taken as they are.
float winding_of(const Mesh& mesh) {
  double sum = 0, all = 0;
  for (const auto& [a, b, c] : mesh.triangles) {
    const auto point = [&](const Corner& corner) {
      return mesh.points[static_cast<std::size_t>(corner.point)];
    };
    const double area = area_of(point(a), point(b), point(c));
    sum += area;
    all += std::abs(area);
  }
  return sum < -.05 * all ? -1 : 1;
}

/// Bilinear; (0, 0) is the lower left corner, the border is repeated.
Vector3 sampled(const Image& texture, float u, float v) {
  const auto clamped = [](float share, int side) {
    return std::clamp(share * static_cast<float>(side) - .5f, 0.f, static_cast<float>(side - 1));
  };
  const float x = clamped(u, texture.width), y = clamped(1 - v, texture.height);
  const int left = static_cast<int>(x), top = static_cast<int>(y);
  const int right = std::min(left + 1, texture.width - 1), bottom = std::min(top + 1, texture.height - 1);
  const float a = x - static_cast<float>(left), b = y - static_cast<float>(top);
  Vector3 colour;
  for (std::size_t c = 0; c < 3; ++c) {
    const auto at = [&](int row, int column) {
      return static_cast<float>(texture.row(row)[3 * column + static_cast<int>(c)]);
    };
    colour[c] = (1 - b) * ((1 - a) * at(top, left) + a * at(top, right)) +
                b * ((1 - a) * at(bottom, left) + a * at(bottom, right));
  }
  return colour;
}

class Rasterizer {
 public:
  Rasterizer(const Mesh& mesh, int side, float background)
      : mesh_(mesh),
        side_(side),
        depth_(static_cast<std::size_t>(side) * side, -std::numeric_limits<float>::max()),
        colours_(depth_.size(), Vector3{background, background, background}) {}

  /// corners: where they lie in the image, x to the right, y down, z towards the camera; in samples.
  void draw(const std::array<Corner, 3>& triangle, const std::array<Vector3, 3>& corners) {
    const auto& [a, b, c] = corners;
    const float area = area_of(a, b, c);
    if (area == 0 || !std::isfinite(area)) return;
    const auto [left, right] = range({a[0], b[0], c[0]});
    const auto [top, bottom] = range({a[1], b[1], c[1]});
    for (int y = top; y <= bottom; ++y)
      for (int x = left; x <= right; ++x) {
        const Vector3 sample{static_cast<float>(x) + .5f, static_cast<float>(y) + .5f, 0};
        const Vector3 shares{area_of(b, c, sample) / area, area_of(c, a, sample) / area,
                             area_of(a, b, sample) / area};
        if (std::ranges::all_of(shares, [](float share) { return share >= 0; }))
          draw_sample(static_cast<std::size_t>(y) * side_ + x, triangle, corners, shares);
      }
  }

  Image image() const {
    const int size = side_ / kSamples;
    Image image(size, size);
    for (int y = 0; y < size; ++y)
      for (int x = 0; x < size; ++x)
        for (std::size_t c = 0; c < 3; ++c)
          image.row(y)[3 * x + static_cast<int>(c)] = static_cast<std::uint8_t>(std::lround(mean(x, y, c)));
    return image;
  }

 private:
  /// The samples whose centres lie between the smallest and the largest of three places.
  std::pair<int, int> range(std::array<float, 3> places) const {
    const auto [low, high] = std::ranges::minmax(places);
    const auto within = [&](float place) { return std::clamp(place, -1.f, static_cast<float>(side_)); };
    return {std::max(0, static_cast<int>(std::ceil(within(low) - .5f))),
            std::min(side_ - 1, static_cast<int>(std::floor(within(high) - .5f)))};
  }

  void draw_sample(std::size_t at, const std::array<Corner, 3>& triangle,
                   const std::array<Vector3, 3>& corners, const Vector3& shares) {
    const float depth = shares[0] * corners[0][2] + shares[1] * corners[1][2] + shares[2] * corners[2][2];
    if (depth <= depth_[at]) return;
    depth_[at] = depth;
    colours_[at] = colour_of(triangle, shares);
  }

  Vector3 colour_of(const std::array<Corner, 3>& triangle, const Vector3& shares) const {
    const bool textured = !mesh_.texture.empty() && triangle[0].place >= 0;
    float u = 0, v = 0;
    Vector3 colour{};
    for (std::size_t i = 0; i < 3; ++i)
      if (textured) {
        const auto& place = mesh_.places[static_cast<std::size_t>(triangle[i].place)];
        u += shares[i] * place[0];
        v += shares[i] * place[1];
      } else {
        const auto& own = mesh_.colours[static_cast<std::size_t>(triangle[i].colour)];
        for (std::size_t c = 0; c < 3; ++c) colour[c] += 255 * shares[i] * std::clamp(own[c], 0.f, 1.f);
      }
    return textured ? sampled(mesh_.texture, u, v) : colour;
  }

  float mean(int x, int y, std::size_t channel) const {
    float sum = 0;
    for (int dy = 0; dy < kSamples; ++dy)
      for (int dx = 0; dx < kSamples; ++dx)
        sum += colours_[static_cast<std::size_t>(kSamples * y + dy) * side_ + kSamples * x + dx][channel];
    return sum / (kSamples * kSamples);
  }

  const Mesh& mesh_;
  int side_;  ///< of the image, in samples
  std::vector<float> depth_;
  std::vector<Vector3> colours_;
};

}  // namespace

void check_options(const RenderOptions& options) {
  check_range(options.size >= 16 && options.size <= kLargest, "size", "16 to " + std::to_string(kLargest),
              options.size);
  check_range(options.background >= 0 && options.background <= 255, "background", "0 to 255",
              options.background);
  check_range(options.margin >= 0 && options.margin <= 10, "margin", "0 to 10", options.margin);
}

std::array<Vector3, 3> rotation_of(const HeadPose& pose) {
  const auto turn = [](float degrees) {
    const double angle = degrees * std::numbers::pi / 180;
    return std::pair(static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle)));
  };
  const auto [cy, sy] = turn(pose.yaw);
  const auto [cp, sp] = turn(pose.pitch);
  const auto [cr, sr] = turn(pose.roll);
  const std::array<Vector3, 3> about_x{{{1, 0, 0}, {0, cp, sp}, {0, -sp, cp}}},
      about_y{{{cy, 0, sy}, {0, 1, 0}, {-sy, 0, cy}}}, about_z{{{cr, sr, 0}, {-sr, cr, 0}, {0, 0, 1}}};
  return product(about_z, product(about_y, about_x));
}

Image render_mesh(const Mesh& mesh, const HeadPose& pose, const RenderOptions& options) {
  check_options(options);
  const int side = kSamples * options.size;
  const auto [middle, extent] = extent_of(mesh);
  const float half = static_cast<float>(side) / 2;
  const float scale = extent > 0 ? static_cast<float>(side) / (extent * (1 + 2 * options.margin)) : 1;
  const auto rotation = rotation_of(pose);
  const float winding = winding_of(mesh);
  std::vector<Vector3> seen;
  for (const auto& point : mesh.points) {
    const auto p = rotated(rotation, {point[0] - middle[0], point[1] - middle[1], point[2] - middle[2]});
    seen.push_back({half + scale * p[0], half - scale * p[1], scale * p[2]});
  }
  Rasterizer rasterizer(mesh, side, static_cast<float>(options.background));
  for (const auto& triangle : mesh.triangles) {
    const auto point = [&](std::size_t i) { return seen[static_cast<std::size_t>(triangle[i].point)]; };
    const std::array corners{point(0), point(1), point(2)};
    if (winding * area_of(corners[0], corners[1], corners[2]) < 0)
      rasterizer.draw(triangle, corners);  // y is down
  }
  return rasterizer.image();
}

}  // namespace regard

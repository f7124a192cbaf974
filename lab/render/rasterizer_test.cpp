#include "lab/render/rasterizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "tests/support.h"

namespace regard {
namespace {

using testing::HasSubstr;

constexpr int kSize = 200;
const Vector3 kRed{1, 0, 0}, kGreen{0, 1, 0}, kBlue{0, 0, 1}, kYellow{1, 1, 0}, kWhite{1, 1, 1};

/// A parallelogram from a corner, along two sides that run anticlockwise seen from outside.
void add_side(Mesh& mesh, const Vector3& corner, const Vector3& along, const Vector3& up,
              const Vector3& colour) {
  const int first = static_cast<int>(mesh.points.size()), own = static_cast<int>(mesh.colours.size());
  mesh.colours.push_back(colour);
  for (const auto& [a, b] : {std::pair(0, 0), {1, 0}, {1, 1}, {0, 1}}) {
    Vector3 point = corner;
    for (std::size_t axis = 0; axis < 3; ++axis)
      point[axis] += static_cast<float>(a) * along[axis] + static_cast<float>(b) * up[axis];
    mesh.points.push_back(point);
  }
  const auto at = [&](int i) { return Corner{first + i, -1, own}; };
  mesh.triangles.push_back({at(0), at(1), at(2)});
  mesh.triangles.push_back({at(0), at(2), at(3)});
}

/// From -1 to 1: red in front, green on the image's right, blue on its left, yellow above, white below.
Mesh cube() {
  Mesh mesh;
  add_side(mesh, {-1, -1, 1}, {2, 0, 0}, {0, 2, 0}, kRed);
  add_side(mesh, {1, -1, 1}, {0, 0, -2}, {0, 2, 0}, kGreen);
  add_side(mesh, {-1, -1, -1}, {0, 0, 2}, {0, 2, 0}, kBlue);
  add_side(mesh, {-1, 1, 1}, {2, 0, 0}, {0, 0, -2}, kYellow);
  add_side(mesh, {-1, -1, -1}, {2, 0, 0}, {0, 0, 2}, kWhite);
  return mesh;
}

/// A ball of radius 1 whose texture has a white spot of 3 degrees at this longitude (to the image's right)
/// and latitude (upwards).
Mesh ball(double longitude, double latitude) {
  constexpr int kSteps = 90;
  Mesh mesh;
  mesh.texture = Image(720, 360);
  for (int row = 0; row < 360; ++row)
    for (int column = 0; column < 720; ++column) {
      const double u = (column + .5) / 2 - 180, v = 90 - (row + .5) / 2;
      const bool spot =
          std::hypot((u - longitude) * std::cos(latitude * std::numbers::pi / 180), v - latitude) < 3;
      for (int c = 0; c < 3; ++c) mesh.texture.row(row)[3 * column + c] = spot ? 255 : 60;
    }
  for (int y = 0; y <= kSteps; ++y)
    for (int x = 0; x <= 2 * kSteps; ++x) {
      const double u = (x * 180. / kSteps - 180) * std::numbers::pi / 180,
                   v = (y * 180. / kSteps - 90) * std::numbers::pi / 180;
      mesh.points.push_back({static_cast<float>(std::sin(u) * std::cos(v)), static_cast<float>(std::sin(v)),
                             static_cast<float>(std::cos(u) * std::cos(v))});
      mesh.places.push_back({static_cast<float>(x) / (2 * kSteps), static_cast<float>(y) / kSteps});
    }
  const auto at = [](int x, int y) { return Corner{y * (2 * kSteps + 1) + x, y * (2 * kSteps + 1) + x, -1}; };
  for (int y = 0; y < kSteps; ++y)
    for (int x = 0; x < 2 * kSteps; ++x) {
      mesh.triangles.push_back({at(x, y), at(x + 1, y), at(x + 1, y + 1)});
      mesh.triangles.push_back({at(x, y), at(x + 1, y + 1), at(x, y + 1)});
    }
  return mesh;
}

std::array<int, 3> pixel(const Image& image, int x, int y) {
  const auto* p = image.row(y) + 3 * x;
  return {p[0], p[1], p[2]};
}

using Rgb = std::array<int, 3>;

/// How many pixels of a row, and of a column, have a colour.
int in_row(const Image& image, int y, const Rgb& colour) {
  int count = 0;
  for (int x = 0; x < image.width; ++x) count += pixel(image, x, y) == colour;
  return count;
}

int in_column(const Image& image, int x, const Rgb& colour) {
  int count = 0;
  for (int y = 0; y < image.height; ++y) count += pixel(image, x, y) == colour;
  return count;
}

TEST(Rasterizer, DrawsTheFrontOfACubeAtItsSize) {
  const auto image = render_mesh(cube(), {}, {.size = kSize, .background = 7, .margin = .5f});
  EXPECT_EQ(in_row(image, 100, {255, 0, 0}), 100) << "half of the image";
  EXPECT_EQ(in_column(image, 100, {255, 0, 0}), 100);
  EXPECT_EQ(pixel(image, 50, 50), (Rgb{255, 0, 0}));
  EXPECT_EQ(pixel(image, 49, 50), (Rgb{7, 7, 7}));
  EXPECT_EQ(pixel(image, 149, 149), (Rgb{255, 0, 0}));
}

/// A head that turns to the image's right shows its side on the image's left, one that looks up its
/// underside. Of a cube turned by an angle, 100 cos(angle) pixels of the front are seen and 100 sin(angle) of
/// the side.
TEST(Rasterizer, TurnsAsHeadPosesSay) {
  const RenderOptions options{.size = kSize, .background = 7, .margin = .5f};
  const auto right = render_mesh(cube(), {30, 0, 0}, options);
  EXPECT_NEAR(in_row(right, 100, {255, 0, 0}), 100 * std::cos(std::numbers::pi / 6), 1.5);
  EXPECT_NEAR(in_row(right, 100, {0, 0, 255}), 100 * std::sin(std::numbers::pi / 6), 1.5);
  EXPECT_EQ(in_row(right, 100, {0, 255, 0}), 0);
  EXPECT_EQ(pixel(right, 150, 100), (Rgb{255, 0, 0})) << "the front has moved to the right";
  const auto up = render_mesh(cube(), {0, 20, 0}, options);
  EXPECT_NEAR(in_column(up, 100, {255, 0, 0}), 100 * std::cos(std::numbers::pi / 9), 1.5);
  EXPECT_NEAR(in_column(up, 100, {255, 255, 255}), 100 * std::sin(std::numbers::pi / 9), 1.5);
  EXPECT_EQ(pixel(up, 100, 45), (Rgb{255, 0, 0})) << "the front has moved up";
  EXPECT_EQ(in_row(render_mesh(cube(), {90, 0, 0}, options), 100, {0, 0, 255}), 100);
  EXPECT_EQ(in_row(render_mesh(cube(), {-90, 0, 0}, options), 100, {0, 255, 0}), 100);
  const auto rolled = render_mesh(cube(), {30, 0, 90}, options);  // clockwise: the left side is above
  EXPECT_NEAR(in_column(rolled, 100, {0, 0, 255}), 50, 1.5);
  EXPECT_EQ(pixel(rolled, 100, 40), (Rgb{0, 0, 255}));
}

/// The middle of what is bright.
Point bright_spot(const Image& image) {
  double x = 0, y = 0, sum = 0;
  for (int row = 0; row < image.height; ++row)
    for (int column = 0; column < image.width; ++column)
      if (const int value = pixel(image, column, row)[0]; value > 150) {
        x += value * (column + .5);
        y += value * (row + .5);
        sum += value;
      }
  return {static_cast<float>(x / sum), static_cast<float>(y / sum)};
}

/// A spot of the texture lies where the rotation, worked out here by hand, takes it: pitch first, then yaw.
TEST(Rasterizer, TextureLiesWhereTheProjectionTakesIt) {
  constexpr double kDegree = std::numbers::pi / 180;
  for (const auto& [longitude, latitude] : {std::pair(0., 0.), {20., 10.}, {-35., -15.}}) {
    const auto mesh = ball(longitude, latitude);
    for (const auto& pose : {HeadPose{}, HeadPose{30, 0, 0}, HeadPose{0, -15, 0}, HeadPose{-45, 30, 0}}) {
      SCOPED_TRACE(testing::Message() << longitude << " " << pose.yaw << " " << pose.pitch);
      const double x = std::sin(longitude * kDegree) * std::cos(latitude * kDegree),
                   y = std::sin(latitude * kDegree),
                   z = std::cos(longitude * kDegree) * std::cos(latitude * kDegree);
      const double pitch = pose.pitch * kDegree, yaw = pose.yaw * kDegree;
      const double up = y * std::cos(pitch) + z * std::sin(pitch),
                   ahead = z * std::cos(pitch) - y * std::sin(pitch);
      const double across = x * std::cos(yaw) + ahead * std::sin(yaw);
      if (ahead * std::cos(yaw) - x * std::sin(yaw) < .3) continue;  // seen from the side
      const auto spot =
          bright_spot(render_mesh(mesh, pose, {.size = kSize, .background = 0, .margin = .25f}));
      const double radius = kSize / 3.;  // of a ball whose box has a margin of a quarter on either side
      EXPECT_NEAR(spot.x, 100 + radius * across, .7);
      EXPECT_NEAR(spot.y, 100 - radius * up, .7);
    }
  }
}

TEST(Rasterizer, WhatIsNearerHidesWhatIsBehind) {
  Mesh mesh;
  add_side(mesh, {-.5f, -.5f, 1}, {1, 0, 0}, {0, 1, 0}, kGreen);
  add_side(mesh, {-1, -1, 0}, {2, 0, 0}, {0, 2, 0}, kRed);
  for (int order = 0; order < 2; ++order) {
    const auto image = render_mesh(mesh, {}, {.size = kSize, .margin = 0});
    EXPECT_EQ(pixel(image, 100, 100), (Rgb{0, 255, 0}));
    EXPECT_EQ(pixel(image, 20, 100), (Rgb{255, 0, 0}));
    std::reverse(mesh.triangles.begin(), mesh.triangles.end());
  }
}

TEST(Rasterizer, SurfacesAreSeenFromOutsideWhicheverWayTheyRun) {
  Mesh mesh;
  add_side(mesh, {-1, -1, 0}, {2, 0, 0}, {0, 2, 0}, kRed);
  const auto red = [&](const HeadPose& pose) {
    return pixel(render_mesh(mesh, pose, {.size = kSize}), 100, 100) == Rgb{255, 0, 0};
  };
  EXPECT_TRUE(red({}));
  EXPECT_FALSE(red({180, 0, 0})) << "from behind";
  for (auto& triangle : mesh.triangles) std::swap(triangle[0], triangle[1]);
  EXPECT_TRUE(red({}));
  EXPECT_FALSE(red({180, 0, 0}));
}

TEST(Rasterizer, BordersAreSmooth) {
  const auto image = render_mesh(cube(), {0, 0, 20}, {.size = kSize, .background = 0, .margin = .5f});
  int between = 0;
  for (int y = 0; y < kSize; ++y)
    for (int x = 0; x < kSize; ++x)
      if (const int value = pixel(image, x, y)[0]; value > 0 && value < 255) ++between;
  EXPECT_GT(between, 100);
}

TEST(Rasterizer, OptionsOutOfRangeAreErrors) {
  const auto error = [](const RenderOptions& options) {
    return test::error_of([&] { render_mesh(cube(), {}, options); });
  };
  EXPECT_THAT(error({.size = 8}), HasSubstr("size: number is out of range; expected 16 to 8192, got 8"));
  EXPECT_THAT(error({.background = 256}), HasSubstr("background"));
  EXPECT_THAT(error({.margin = -1}), HasSubstr("margin"));
}

}  // namespace
}  // namespace regard

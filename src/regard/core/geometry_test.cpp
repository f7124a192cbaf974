#include "regard/core/geometry.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;

const std::vector<Point> kPoints{{10, 20}, {35, 18}, {22, 33}, {14, 47}, {33, 45}};

std::vector<Point> mapped(const Affine& map, const std::vector<Point>& points) {
  std::vector<Point> result;
  for (const auto& point : points) result.push_back(map(point));
  return result;
}

void expect_near(const Affine& a, const Affine& b, float tolerance) {
  for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(a.m[i], b.m[i], tolerance) << "entry " << i;
}

Affine similarity(float scale, float angle, float x, float y) {
  const float c = scale * std::cos(angle), s = scale * std::sin(angle);
  return {{c, -s, x, s, c, y}};
}

TEST(IntersectionOverUnion, OfKnownBoxes) {
  EXPECT_FLOAT_EQ(intersection_over_union({0, 0, 2, 2}, {0, 0, 2, 2}), 1);
  EXPECT_FLOAT_EQ(intersection_over_union({0, 0, 2, 2}, {1, 1, 2, 2}), 1.f / 7);
  EXPECT_FLOAT_EQ(intersection_over_union({0, 0, 4, 4}, {1, 1, 2, 2}), .25f);
  EXPECT_EQ(intersection_over_union({0, 0, 2, 2}, {2, 0, 2, 2}), 0);
  EXPECT_EQ(intersection_over_union({0, 0, 2, 2}, {5, 5, 2, 2}), 0);
  EXPECT_EQ(intersection_over_union({1, 1, 0, 0}, {1, 1, 0, 0}), 0);
}

TEST(Affine, ComposesInnerFirst) {
  const Affine shift{{1, 0, 10, 0, 1, 0}}, turn{{0, -1, 0, 1, 0, 0}};
  const Point p = compose(turn, shift)({1, 2});
  EXPECT_FLOAT_EQ(p.x, -2);
  EXPECT_FLOAT_EQ(p.y, 11);
}

TEST(Affine, InverseUndoes) {
  const Affine map{{2, .5f, -3, .25f, -1.5f, 7}};
  expect_near(compose(inverse(map), map), Affine{}, 1e-6f);
  expect_near(compose(map, inverse(map)), Affine{}, 1e-6f);
}

TEST(Affine, InverseOfAFlatMapIsAnError) {
  EXPECT_NE(error_of([] { inverse({{1, 2, 0, 2, 4, 0}}); }), "");
  EXPECT_NE(error_of([] { inverse({{std::numeric_limits<float>::infinity(), 0, 0, 0, 1, 0}}); }), "");
}

TEST(FitSimilarity, RecoversAKnownOne) {
  for (const float angle : {0.f, .3f, -2.f, 3.1f}) {
    const Affine map = similarity(1.7f, angle, -5, 12);
    expect_near(fit_similarity(kPoints, mapped(map, kPoints)), map, 1e-4f);
  }
}

TEST(FitSimilarity, OfTwoPointsIsExact) {
  const std::vector<Point> from{{0, 0}, {1, 0}}, to{{5, 5}, {5, 8}};
  expect_near(fit_similarity(from, to), {{0, -3, 5, 3, 0, 5}}, 1e-6f);
}

TEST(FitSimilarity, DoesNotMirror) {
  auto to = kPoints;
  for (auto& point : to) point.x = -point.x;
  const auto& m = fit_similarity(kPoints, to).m;
  EXPECT_GE(m[0] * m[4] - m[1] * m[3], 0);
}

// No neighbouring similarity does better.
TEST(FitSimilarity, HasTheLeastSquaredDistance) {
  const std::vector<Point> to{{3, 1}, {60, 12}, {25, 40}, {-4, 70}, {41, 66}};
  const auto distance = [&](const Affine& map) {
    double sum = 0;
    for (std::size_t i = 0; i < to.size(); ++i) {
      const Point p = map(kPoints[i]);
      sum += std::pow(p.x - to[i].x, 2) + std::pow(p.y - to[i].y, 2);
    }
    return sum;
  };
  const Affine best = fit_similarity(kPoints, to);
  for (const float step : {-.01f, .01f})
    for (const auto& change : {Affine{{step, 0, 0, 0, step, 0}}, Affine{{0, -step, 0, step, 0, 0}},
                               Affine{{0, 0, 10 * step, 0, 0, 0}}, Affine{{0, 0, 0, 0, 0, 10 * step}}}) {
      Affine other = best;
      for (std::size_t i = 0; i < 6; ++i) other.m[i] += change.m[i];
      EXPECT_GT(distance(other), distance(best));
    }
}

TEST(FitSimilarity, RefusesPointsThatFixNone) {
  const std::vector<Point> one{{1, 2}}, same{{1, 2}, {1, 2}}, two{{0, 0}, {1, 1}};
  EXPECT_NE(error_of([&] { fit_similarity(one, one); }), "");
  EXPECT_NE(error_of([&] { fit_similarity(two, kPoints); }), "");
  EXPECT_NE(error_of([&] { fit_similarity(same, two); }), "");
}

}  // namespace
}  // namespace regard

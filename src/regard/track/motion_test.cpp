#include "regard/track/motion.h"

#include <gtest/gtest.h>

#include <cmath>

namespace regard {
namespace {

Box box_around(double x, double y, double side) {
  return {static_cast<float>(x - side / 2), static_cast<float>(y - side / 2), static_cast<float>(side),
          static_cast<float>(side)};
}

/// Seen `count` times, `step` seconds apart, going right at `speed` pixels per second.
Motion moving(double speed, double step, int count) {
  Motion motion(0, box_around(100, 100, 50), {});
  for (int i = 1; i < count; ++i) motion.see(i * step, box_around(100 + speed * i * step, 100, 50), {});
  return motion;
}

TEST(Motion, GoesOnAtItsVelocityWhateverTheFrameRate) {
  for (const double rate : {25., 30., 60.}) {
    const auto motion = moving(120, 1 / rate, static_cast<int>(rate));
    const double end = (rate - 1) / rate;
    EXPECT_NEAR(centre_of(motion.box_at(end + .25)).x, 100 + 120 * (end + .25), 1) << rate;
  }
}

TEST(Motion, TakesTimesAsTheyCome) {
  Motion motion(0, box_around(100, 100, 50), {});
  double time = 0;
  for (const double step : {.033, .1, .02, .2, .04, .033, .15, .01, .07}) {
    time += step;
    motion.see(time, box_around(100 + 90 * time, 100, 50), {});
  }
  EXPECT_NEAR(centre_of(motion.box_at(time + .3)).x, 100 + 90 * (time + .3), 1.5);
}

TEST(Motion, GrowsWithTheFaceAndKeepsItsShape) {
  Motion motion(0, {0, 0, 40, 60}, {});
  for (int i = 1; i <= 30; ++i) {
    const auto side = static_cast<float>(std::exp(i / 30.));
    motion.see(i / 30., {0, 0, 40 * side, 60 * side}, {});
  }
  const Box next = motion.box_at(31 / 30.);
  EXPECT_NEAR(next.width / next.height, 40. / 60, 1e-5);
  EXPECT_NEAR(next.width, 40 * std::exp(31 / 30.), 2);
}

TEST(Motion, ForgetsAfterAGapWhatItBelievedMeanwhile) {
  auto motion = moving(120, 1 / 30., 10);
  const double stop = 9 / 30.;
  for (int i = 1; i < 15; ++i) motion.miss(stop + i / 30.);
  motion.see(stop + .5, box_around(100 + 120 * stop, 100, 50), {});  // it stood still behind something
  EXPECT_NEAR(centre_of(motion.box_at(stop + .6)).x, 100 + 120 * stop, 2);
}

TEST(Motion, MovesLandmarksWithTheBox) {
  const Landmarks eyes{{{90, 95}, {110, 95}, {100, 100}, {92, 110}, {108, 110}}};
  Motion motion(0, box_around(100, 100, 50), eyes);
  for (int i = 1; i < 30; ++i) {
    auto shifted = eyes;
    for (auto& [x, y] : shifted) x += static_cast<float>(i) * 2;
    motion.see(i / 30., box_around(100 + 2 * i, 100, 50), shifted);
  }
  EXPECT_NEAR(motion.landmarks_at(1)[0].x, 150, .5);
  EXPECT_NEAR(motion.landmarks_at(1)[0].y, 95, .1);
}

TEST(Motion, HasAHeadingOnceItMoves) {
  EXPECT_EQ(Motion(0, box_around(100, 100, 50), {}).heading().x, 0);
  EXPECT_NEAR(moving(120, 1 / 30., 20).heading().x, 120, 1);
}

TEST(Motion, IsLessSureTheLongerItSeesNothing) {
  const auto motion = moving(120, 1 / 30., 20);
  EXPECT_LT(motion.doubt_at(19 / 30.), 2);
  EXPECT_GT(motion.doubt_at(19 / 30. + .5), 2 * motion.doubt_at(19 / 30. + .2));
}

}  // namespace
}  // namespace regard

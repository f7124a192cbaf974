#include "regard/track/scene_cuts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

#include "tests/support.h"

namespace regard {
namespace {

/// Stripes of `period` pixels, moved to the right by `offset`.
Image stripes(int width, int height, int period, int offset, int channels = 3) {
  Image image(width, height, channels);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width * channels; ++x)
      image.row(y)[x] = (x / channels + offset) / period % 2 ? 220 : 40;
  return image;
}

TEST(SceneCuts, SeeAnotherSceneAndNothingInTheSameOne) {
  SceneCuts cuts;
  EXPECT_FALSE(cuts.next(stripes(640, 360, 200, 0)));
  EXPECT_FALSE(cuts.next(stripes(640, 360, 200, 8)));
  EXPECT_TRUE(cuts.next(stripes(640, 360, 200, 200)));
  EXPECT_FALSE(cuts.next(stripes(640, 360, 200, 204)));
}

TEST(SceneCuts, MeasureTheMeanDifferenceOfGreyLevels) {
  SceneCuts cuts;
  Image dark(100, 50), bright(100, 50);
  std::fill(dark.pixels.begin(), dark.pixels.end(), std::uint8_t{100});
  std::fill(bright.pixels.begin(), bright.pixels.end(), std::uint8_t{112});
  EXPECT_EQ(cuts.change(dark), 0);
  EXPECT_NEAR(cuts.change(bright), 12, 1e-3);
}

TEST(SceneCuts, TakeSmallGreyAndChangingFrames) {
  SceneCuts cuts;
  EXPECT_FALSE(cuts.next(stripes(3, 2, 1, 0, 1)));
  EXPECT_NO_THROW(cuts.next(stripes(1920, 1080, 300, 0)));
  EXPECT_EQ(test::error_of([&] { cuts.next({}); }).substr(0, 5), "frame");
}

}  // namespace
}  // namespace regard

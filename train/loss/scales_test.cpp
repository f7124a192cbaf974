#include "train/loss/scales.h"

#include "train/loss/golden_test.h"

/// The golden values come from tests/golden/phanet.py.
namespace regard {
namespace {

using namespace test;

TEST(ScaleRanking, EqualsTheGoldenValueAndGradient) {
  const auto golden = golden_loss("ranking");
  const auto logits = tensor_of(golden.at("logits"));
  expect_golden(scale_ranking_loss(logits, tensor_of(golden.at("targets")), .05), logits, golden);
}

TEST(ScaleRanking, IsNothingWhereEveryScaleIsSurer) {
  const auto logits = at::tensor({0., 0., 2., 0., 6., 0.}, at::kDouble).view({1, 3, 2});
  const auto first = at::tensor({.9, .1}, at::kDouble).view({1, 2});
  EXPECT_EQ(scale_ranking_loss(logits, first, .05).item<double>(), 0);
  EXPECT_GT(scale_ranking_loss(logits, 1 - first, .05).item<double>(), .1);
}

TEST(RegionGuide, EqualsTheGoldenValueAndGradient) {
  const auto golden = golden_loss("guide");
  const auto u = tensor_of(golden.at("u")), map = tensor_of(golden.at("map"));
  EXPECT_LT((strongest_places(map) - tensor_of(golden.at("strongest"))).abs().max().item<double>(), 1e-6);
  expect_golden(region_guide_loss(u, .6, .9, strongest_places(map)), u, golden);
}

TEST(RegionGuide, WantsNoMoreThanARegionOfItsSideCanReach) {
  auto map = at::zeros({1, 2, 4, 4});
  map.select(2, 0).select(2, 3).fill_(9);  // the upper right corner
  const auto upper_right = at::tensor({.5, 1., 0.}, at::kDouble).view({1, 3});
  EXPECT_NEAR(region_guide_loss(upper_right, .6, .9, strongest_places(map)).item<double>(), 0, 1e-9);
  EXPECT_GT(region_guide_loss(1 - upper_right, .6, .9, strongest_places(map)).item<double>(), 1);
}

TEST(RegionGuide, FindsTheMiddleOfTheLandmarksInARegion) {
  const auto landmarks = at::tensor({.2, .3, .6, .3, .4, .5, .3, .7, .5, .7}, at::kDouble).view({1, 5, 2});
  const auto left_half = at::tensor({.5, 0., .25, 0., .5, .1}, at::kDouble).view({1, 2, 3});
  const auto middle = middles_within(landmarks, left_half);  // (.4, .5) in the chip
  EXPECT_NEAR(middle[0][0].item<double>(), .3, 1e-9);
  EXPECT_NEAR(middle[0][1].item<double>(), .8, 1e-9);
}

TEST(Saturation, EqualsTheGoldenValueAndGradient) {
  const auto golden = golden_loss("saturation");
  const auto x = tensor_of(golden.at("x"));
  expect_golden(saturation_loss(x), x, golden);
}

}  // namespace
}  // namespace regard

#include "lab/metrics/replicates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "regard/core/random.h"
#include "tests/support.h"

namespace regard {
namespace {

using testing::HasSubstr;

/// `runs` runs on `images` images, each right with its run's chance.
Replicates drawn(const std::vector<double>& chances, std::size_t images, std::uint64_t seed) {
  SplitMix64 random(seed);
  Replicates runs;
  for (const double chance : chances) {
    auto& run = runs.emplace_back();
    for (std::size_t i = 0; i < images; ++i)
      run.push_back(static_cast<double>(random.next() % 1000) < 1000 * chance ? 1.f : 0.f);
  }
  return runs;
}

TEST(Replicates, MeanAndDeviationByHand) {
  const auto result = replicated_mean({{1, 1, 1, 0}, {1, 0, 0, 0}, {1, 1, 0, 0}});
  EXPECT_DOUBLE_EQ(result.mean, .5);
  EXPECT_DOUBLE_EQ(result.std, .25);  // of .75, .25, .5
  EXPECT_LT(result.interval.low, .5);
  EXPECT_GT(result.interval.high, .5);
}

/// A single run's interval is that of a share of 400 images: .8 +- 1.96 sqrt(.8 .2 / 400).
TEST(Replicates, ASingleRunHasTheImagesIntervalAlone) {
  const auto result = replicated_mean(drawn({.8}, 400, 3));
  EXPECT_TRUE(std::isnan(result.std));
  EXPECT_NEAR(result.interval.high - result.interval.low, 2 * 1.96 * .02, .008);
}

/// Runs that differ by far more than their images: three runs of .7, .8 and .9 have a mean whose deviation is
/// .1 / sqrt(3); the images alone would give an interval of +- .02.
TEST(Replicates, TheIntervalIsOfRunsToo) {
  const auto result = replicated_mean(drawn({.7, .8, .9}, 1500, 5));
  EXPECT_NEAR(result.std, .1, .02);
  EXPECT_GT(result.interval.high - result.interval.low, .16);
}

TEST(Replicates, DifferencesArePairedByImage) {
  // The second run is right wherever the first is, and on one image in ten beside.
  Replicates first = drawn({.5}, 1000, 7), second = first;
  for (std::size_t i = 0; i < 1000; i += 10) second[0][i] = 1;
  const auto result = replicated_difference(first, second);
  EXPECT_NEAR(result.mean, .05, .02);
  EXPECT_LT(result.interval.high - result.interval.low, .04);  // unpaired: more than .08
  EXPECT_GT(result.interval.low, 0);
}

TEST(Replicates, WhatDoesNotFitIsAnError) {
  EXPECT_THAT(test::error_of([] { replicated_mean({}); }), HasSubstr("no runs or no images"));
  EXPECT_THAT(test::error_of([] { replicated_mean({{1, 0}, {1}}); }), HasSubstr("expected 2, got 1"));
  EXPECT_THAT(test::error_of([] {
                replicated_difference({{1, 0}}, {{1}});
              }),
              HasSubstr("rows were measured on different images; expected 2, got 1"));
}

}  // namespace
}  // namespace regard

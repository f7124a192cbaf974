#include "lab/quantize/histogram.h"

#include <gtest/gtest.h>

namespace regard {
namespace {

TEST(MagnitudeHistogramTest, LimitOfEvenNumbersIsTheLargest) {
  MagnitudeHistogram histogram;
  std::vector<float> values;
  for (int i = 0; i < 1000; ++i) values.push_back(static_cast<float>(i) * .006f);
  histogram.add(values);
  EXPECT_FLOAT_EQ(histogram.largest(), 5.994f);
  EXPECT_NEAR(histogram.best_limit(255), 5.994f, .07f);
  EXPECT_FALSE(histogram.has_negative());
}

TEST(MagnitudeHistogramTest, ARareLargeNumberIsClipped) {
  MagnitudeHistogram histogram;
  std::vector<float> values;
  for (int i = 0; i < 100'000; ++i) values.push_back(static_cast<float>(i % 1000) * -.001f);
  histogram.add(values);
  histogram.add(std::vector{3.f});
  EXPECT_TRUE(histogram.has_negative());
  EXPECT_EQ(histogram.largest(), 3);
  EXPECT_GE(histogram.best_limit(7), .9f);
  EXPECT_LT(histogram.best_limit(7), 1.5f);
}

TEST(MagnitudeHistogramTest, ZerosNeedNoRange) {
  MagnitudeHistogram histogram;
  histogram.add({});
  histogram.add(std::vector{0.f, -0.f});
  EXPECT_EQ(histogram.best_limit(255), 0);
  EXPECT_FALSE(histogram.has_negative());
}

}  // namespace
}  // namespace regard

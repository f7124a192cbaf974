#include "lab/metrics/calibration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "lab/metrics/golden_test.h"
#include "tests/support.h"

namespace regard {
namespace {

TEST(FitTemperature, EqualsTheGoldenValue) {
  const Golden golden;
  const double temperature = fit_temperature(golden.scores(), golden.rows());
  EXPECT_NEAR(temperature, golden.json["temperature"], 1e-6);
  const auto metrics = measure(golden.scores(), golden.rows(), temperature);
  EXPECT_NEAR(metrics.calibration_error(), golden.json["ece_fitted"], 1e-6);
}

TEST(FitTemperature, NeighboursLoseMore) {
  const Golden golden;
  const double best = fit_temperature(golden.scores(), golden.rows());
  const auto loss = [&](double t) { return measure(golden.scores(), golden.rows(), t).log_loss(); };
  EXPECT_LT(loss(best), loss(best * 1.01));
  EXPECT_LT(loss(best), loss(best * .99));
}

TEST(FitTemperature, StaysWithinItsBounds) {
  const std::vector<float> logits{3, 0, 0, 3};
  const std::vector<int> right{0, 1}, wrong{1, 0};
  const std::vector<std::size_t> rows{0, 1};
  EXPECT_EQ(fit_temperature({2, logits, right}, rows), kMinTemperature);
  EXPECT_EQ(fit_temperature({2, logits, wrong}, rows), kMaxTemperature);
}

TEST(FitTemperature, NothingToFitOnIsAnError) {
  const std::vector<float> logits{std::numeric_limits<float>::quiet_NaN(), 0};
  const std::vector<int> labels{0};
  EXPECT_THAT(test::error_of([&] {
                fit_temperature({2, logits, labels}, {});
              }),
              testing::HasSubstr("no images to fit a temperature on"));
  EXPECT_THAT(test::error_of([&] {
                fit_temperature({2, logits, labels}, std::vector<std::size_t>{0});
              }),
              testing::HasSubstr("image 0: logit is not finite"));
}

TEST(CrossFitted, EqualsTheGoldenValue) {
  const Golden golden;
  const auto metrics = cross_fitted(golden.scores(), golden.json["folds"].get<std::vector<int>>());
  EXPECT_EQ(metrics.count(), 240);
  EXPECT_NEAR(metrics.calibration_error(), golden.json["ece_cross_fitted"], 1e-6);
  EXPECT_THAT(test::error_of([&] { cross_fitted(golden.scores(), std::vector<int>(240, 0)); }),
              testing::HasSubstr("expected two folds or more of 240 images, got 1 of 240"));
}

TEST(SeededFolds, AreEvenMixedAndRepeatable) {
  const auto folds = seeded_folds(103, 5, 1);
  for (int fold = 0; fold < 5; ++fold) {
    const auto size = std::count(folds.begin(), folds.end(), fold);
    EXPECT_TRUE(size == 20 || size == 21);
  }
  EXPECT_EQ(folds, seeded_folds(103, 5, 1));
  EXPECT_NE(folds, seeded_folds(103, 5, 2));
}

}  // namespace
}  // namespace regard

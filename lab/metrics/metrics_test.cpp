#include "lab/metrics/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "lab/metrics/golden_test.h"
#include "tests/support.h"

namespace regard {
namespace {

using testing::ElementsAre;

TEST(Metrics, EqualTheGoldenValues) {
  const Golden golden;
  const auto& want = golden.json;
  const auto metrics = measure(golden.scores(), golden.rows(), 1);
  EXPECT_EQ(metrics.count(), 240);
  EXPECT_DOUBLE_EQ(metrics.accuracy(), want["accuracy"]);
  EXPECT_NEAR(metrics.accuracy_interval().low, want["interval"][0], 1e-12);
  EXPECT_NEAR(metrics.accuracy_interval().high, want["interval"][1], 1e-12);
  for (std::size_t row = 0; row < 5; ++row)
    for (std::size_t column = 0; column < 5; ++column)
      EXPECT_EQ(metrics.confusion(row, column), want["confusion"][row][column].get<int>());
  for (std::size_t label = 0; label < 5; ++label) {
    EXPECT_NEAR(metrics.precision(label), want["precision"][label], 1e-12);
  }
  for (std::size_t label = 0; label < 4; ++label)
    EXPECT_NEAR(metrics.recall(label), want["recall"][label], 1e-12);
  double recalls = 0;
  for (std::size_t label = 0; label < 4; ++label) recalls += want["recall"][label].get<double>();
  EXPECT_NEAR(metrics.balanced_accuracy(), recalls / 4, 1e-12);  // the fifth never occurs
  EXPECT_NEAR(metrics.macro_f1(), want["macro_f1"], 1e-12);
  EXPECT_NEAR(metrics.calibration_error(), want["ece"], 1e-9);
  EXPECT_NEAR(metrics.log_loss(), want["nll"], 1e-9);
}

TEST(Metrics, MergedPartsEqualTheWhole) {
  const Golden golden;
  const auto rows = golden.rows();
  const std::span all(rows);
  auto merged = measure(golden.scores(), all.first(100), 1);
  merged.merge(measure(golden.scores(), all.subspan(100), 1));
  const auto whole = measure(golden.scores(), all, 1);
  EXPECT_EQ(merged.correct(), whole.correct());
  EXPECT_DOUBLE_EQ(merged.macro_f1(), whole.macro_f1());
  EXPECT_NEAR(merged.calibration_error(), whole.calibration_error(), 1e-12);
  EXPECT_NEAR(merged.log_loss(), whole.log_loss(), 1e-12);
  EXPECT_THAT(test::error_of([&] { merged.merge(Metrics(3)); }),
              testing::HasSubstr("metrics of different classes; expected 5, got 3"));
}

TEST(Metrics, AClassThatNeverOccursHasNoRecall) {
  Metrics metrics(3);
  EXPECT_TRUE(std::isnan(metrics.accuracy()));
  metrics.add(0, std::vector<double>{.6, .4, 0});
  metrics.add(0, std::vector<double>{.4, .6, 0});
  EXPECT_TRUE(std::isnan(metrics.recall(2)));
  EXPECT_TRUE(std::isnan(metrics.precision(2)));
  EXPECT_DOUBLE_EQ(metrics.balanced_accuracy(), .5);
  EXPECT_DOUBLE_EQ(metrics.macro_f1(), (2. / 3 + 0) / 2);  // the third class does not count
  EXPECT_DOUBLE_EQ(metrics.recall_interval(2).high, 1);
}

TEST(Metrics, TheTopProbabilityChoosesTheBin) {
  Metrics metrics(2);
  metrics.add(0, std::vector<double>{1, 0});
  metrics.add(1, std::vector<double>{.5, .5});
  metrics.add(0, std::vector<double>{9. / 15, 6. / 15});
  EXPECT_EQ(metrics.bins()[14].correct, 1);
  EXPECT_EQ(metrics.bins()[7].count, 1);  // (7/15, 8/15]
  EXPECT_EQ(metrics.bins()[7].correct, 0);
  EXPECT_EQ(metrics.bins()[8].count, 1);  // bins are closed above
}

TEST(Metrics, WhatDoesNotFitTheClassesIsAnError) {
  Metrics metrics(2);
  EXPECT_THAT(
      test::error_of([&] {
        metrics.add(2, std::vector<double>{1, 0});
      }),
      testing::HasSubstr("prediction does not fit the classes; expected 2 classes, got 2 with label 2"));
  EXPECT_THAT(
      test::error_of([&] {
        metrics.add(-1, std::vector<double>{1, 0});
      }),
      testing::HasSubstr("prediction does not fit the classes; expected 2 classes, got 2 with label -1"));
  EXPECT_THAT(
      test::error_of([&] {
        metrics.add(0, std::vector<double>{1, 0, 0});
      }),
      testing::HasSubstr("prediction does not fit the classes; expected 2 classes, got 3 with label 0"));
}

TEST(Softmax, StandsLargeLogitsAndDividesByTheTemperature) {
  const auto sure = softmax(std::vector<float>{1e4f, -1e4f}, 1);
  EXPECT_DOUBLE_EQ(sure[0], 1);
  const auto warm = softmax(std::vector<float>{2, 0}, 2);
  EXPECT_NEAR(warm[0], 1 / (1 + std::exp(-1)), 1e-12);
}

TEST(WilsonInterval, KeepsWithinZeroAndOne) {
  EXPECT_DOUBLE_EQ(wilson_interval(0, 10).low, 0);
  EXPECT_GT(wilson_interval(0, 10).high, .2);
  EXPECT_DOUBLE_EQ(wilson_interval(10, 10).high, 1);
  EXPECT_DOUBLE_EQ(wilson_interval(0, 0).high, 1);
}

TEST(BootstrapIntervals, HoldTheMeasuredValuesAndRepeatWithTheSeed) {
  const Golden golden;
  const auto rows = golden.rows();
  const auto metrics = measure(golden.scores(), rows, 1);
  const auto first = bootstrap_intervals(golden.scores(), rows, 1, 300);
  const auto again = bootstrap_intervals(golden.scores(), rows, 1, 300);
  EXPECT_LT(first.macro_f1.low, metrics.macro_f1());
  EXPECT_GT(first.macro_f1.high, metrics.macro_f1());
  EXPECT_LT(first.log_loss.low, metrics.log_loss());
  EXPECT_GT(first.log_loss.high, metrics.log_loss());
  EXPECT_LT(first.calibration_error.low, first.calibration_error.high);
  EXPECT_EQ(first.log_loss.low, again.log_loss.low);
}

TEST(PairedDifference, IntervalIsThatOfTheDiscordantPairs) {
  std::vector<bool> first(1000, true), second(1000, true);
  for (int i = 0; i < 60; ++i) first[i] = false;      // only the second is right
  for (int i = 100; i < 130; ++i) second[i] = false;  // only the first
  for (int i = 200; i < 300; ++i) first[i] = second[i] = false;
  const auto result = paired_difference(first, second);
  EXPECT_DOUBLE_EQ(result.difference, .03);
  EXPECT_EQ(result.only_second, 60);
  EXPECT_EQ(result.only_first, 30);
  const double half = 1.96 * std::sqrt((90. / 1000 - .03 * .03) / 1000);  // normal approximation
  EXPECT_NEAR(result.interval.low, .03 - half, .0016);
  EXPECT_NEAR(result.interval.high, .03 + half, .0016);
  EXPECT_THAT(test::error_of([&] { paired_difference(first, {true}); }),
              testing::HasSubstr("runs cannot be compared; expected 1000 images, at least one, got 1"));
  EXPECT_THAT(test::error_of([&] { paired_difference({}, {}); }),
              testing::HasSubstr("runs cannot be compared; expected 0 images, at least one, got 0"));
}

}  // namespace
}  // namespace regard

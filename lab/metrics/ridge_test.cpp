#include "lab/metrics/ridge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lab/metrics/golden_test.h"
#include "tests/support.h"

namespace regard {
namespace {

using testing::HasSubstr;

TEST(Ridge, EqualsTheGoldenPredictions) {
  const Golden golden;
  const auto& probe = golden.json.at("probe");
  const auto features = probe.at("features").get<std::vector<float>>();
  const auto targets = probe.at("targets").get<std::vector<std::vector<double>>>();
  const auto penalties = probe.at("penalties").get<std::vector<double>>();
  auto folds = golden.json.at("folds").get<std::vector<int>>();
  folds.resize(targets.front().size());
  const auto expected = probe.at("predictions").get<RidgePredictions>();
  const auto got = ridge_predictions(features, targets, folds, penalties);
  ASSERT_EQ(got.size(), 2u);
  for (std::size_t p = 0; p < 2; ++p)
    for (std::size_t t = 0; t < 2; ++t)
      EXPECT_THAT(got[p][t], testing::Pointwise(testing::DoubleNear(1e-4), expected[p][t]));
}

/// Three columns of which one never changes; the target is a sum of the others.
TEST(Ridge, PredictsASumExactlyIfThePenaltyIsSmall) {
  std::vector<float> features;
  std::vector<double> target;
  std::vector<int> folds;
  for (int i = 0; i < 30; ++i) {
    const float a = static_cast<float>(i % 7), b = static_cast<float>(i * i % 11);
    features.insert(features.end(), {a, 4, b});
    target.push_back(3 * a - b + 2);
    folds.push_back(i % 3);
  }
  const auto got = ridge_predictions(features, {target}, folds, std::vector{1e-9});
  EXPECT_THAT(got[0][0], testing::Pointwise(testing::DoubleNear(1e-5), target));
}

TEST(Ridge, SizesThatDoNotFitAreErrors) {
  const std::vector<float> features(8);
  const std::vector<double> penalties{1};
  const auto error = [&](const std::vector<std::vector<double>>& targets, const std::vector<int>& folds,
                         const std::vector<double>& strengths) {
    return test::error_of([&] { ridge_predictions(features, targets, folds, strengths); });
  };
  EXPECT_EQ(error({{1, 2, 3, 4}}, {0, 0, 1, 1}, penalties), "");
  EXPECT_THAT(error({{1, 2, 3}}, {0, 0, 1, 1}, penalties), HasSubstr("targets"));
  EXPECT_THAT(error({}, {0, 0, 1, 1}, penalties), HasSubstr("targets"));
  EXPECT_THAT(error({{1, 2, 3}}, {0, 0, 1}, penalties), HasSubstr("features"));
  EXPECT_THAT(error({{1, 2, 3, 4}}, {1, 1, 1, 1}, penalties), HasSubstr("folds with rows"));
  EXPECT_THAT(error({{1, 2, 3, 4}}, {0, 0, 1, 1}, {0.}), HasSubstr("penalties"));
}

}  // namespace
}  // namespace regard

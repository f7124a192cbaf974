#include "lab/metrics/pose_invariance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "tests/support.h"

namespace regard {
namespace {

using testing::HasSubstr;

constexpr std::size_t kCount = 1200;

/// Images of two labels in turn, whose poses are normally distributed (yaw by 20 degrees, pitch by 10).
struct Made {
  Made() : truth(kCount), poses(kCount) {
    std::mt19937_64 random(7);
    std::normal_distribution<float> normal;
    for (std::size_t i = 0; i < kCount; ++i) {
      truth[i] = static_cast<int>(i % 2);
      const float yaw = 20 * normal(random), pitch = 10 * normal(random);
      poses[i] = HeadPose{yaw, pitch, 0};
      const bool right = normal(random) < .8;
      for (int label = 0; label < 2; ++label) logits.push_back((label == truth[i]) == right);
      // The first feature is yaw with noise of the same variance, the second tells nothing.
      features.insert(features.end(), {yaw + 20 * normal(random), normal(random), 7});
    }
  }

  Scores scores() const { return {2, logits, truth}; }
  /// Gets images within these degrees of yaw wrong.
  void fail_within(float low, float high) {
    for (std::size_t i = 0; i < kCount; ++i)
      if (poses[i]->yaw > low && poses[i]->yaw < high)
        for (int label = 0; label < 2; ++label)
          logits[2 * i + static_cast<std::size_t>(label)] = label != truth[i];
  }

  std::vector<float> logits, features;
  std::vector<int> truth;
  std::vector<std::optional<HeadPose>> poses;
};

/// Half of the feature's variance is yaw's, so R2 is 1/2, and the mean absolute error of what is left, a
/// normal deviation of 20 / sqrt(2), is 20 / sqrt(pi); pitch cannot be read.
TEST(PoseInvariance, ProbesReadWhatTheFeaturesTell) {
  const Made made;
  const auto result = measure_pose_invariance(made.scores(), made.features, made.poses);
  EXPECT_EQ(result.count, static_cast<std::int64_t>(kCount));
  EXPECT_EQ(result.features, 3u);
  ASSERT_TRUE(result.yaw && result.pitch);
  EXPECT_NEAR(result.yaw->r2, .5, .05);
  EXPECT_LT(result.yaw->interval.low, result.yaw->r2);
  EXPECT_GT(result.yaw->interval.high, result.yaw->r2);
  EXPECT_LT(result.yaw->interval.high - result.yaw->interval.low, .12);
  EXPECT_NEAR(result.yaw->error, 20 / std::sqrt(M_PI), .7);
  EXPECT_NEAR(result.yaw->mean_error, 20 * std::sqrt(2 / M_PI), .9);
  EXPECT_NEAR(result.pitch->r2, 0, .02);
  EXPECT_NEAR(result.pitch->error, result.pitch->mean_error, .1);
}

TEST(PoseInvariance, AccuracyThatDoesNotDependOnPoseVariesAsByChance) {
  const Made made;
  const auto spread = *measure_pose_invariance(made.scores(), made.features, made.poses).spread;
  EXPECT_EQ(spread.groups, 5u) << "fewer than 20 of the images are beyond 45 degrees on either side";
  EXPECT_GT(spread.chance, .05);
  EXPECT_NEAR(spread.difference, spread.by_chance, .06);
}

TEST(PoseInvariance, AGroupThatIsNotRecognisedIsTold) {
  Made made;
  made.fail_within(15, 30);
  const auto spread = *measure_pose_invariance(made.scores(), made.features, made.poses).spread;
  EXPECT_EQ(spread.worst, "yaw 15 to 30");
  EXPECT_GT(spread.difference, .75);
  EXPECT_GT(spread.interval.low, .6);
  EXPECT_LT(spread.by_chance, .4);
  EXPECT_EQ(spread.chance, 0);
  EXPECT_GT(spread.std, .25);
}

TEST(PoseInvariance, AnAngleThatNeverChangesIsNotProbed) {
  Made made;
  for (auto& pose : made.poses) pose = HeadPose{std::round(pose->yaw / 45) * 45, 0, 0};
  made.poses[5] = {};
  const auto result = measure_pose_invariance(made.scores(), made.features, made.poses);
  EXPECT_EQ(result.count, static_cast<std::int64_t>(kCount) - 1);
  EXPECT_TRUE(result.yaw);
  EXPECT_FALSE(result.pitch);
  EXPECT_TRUE(to_json(result)["pitch"].is_null());
  EXPECT_EQ(to_json(result)["spread"]["groups"], 3);
}

TEST(PoseInvariance, WhatDoesNotFitIsAnError) {
  Made made;
  const auto error = [&] {
    return test::error_of([&] { measure_pose_invariance(made.scores(), made.features, made.poses); });
  };
  made.features.pop_back();
  EXPECT_THAT(error(), HasSubstr("head poses and features do not fit the images"));
  made.features.push_back(7);
  for (std::size_t i = 9; i < kCount; ++i) made.poses[i] = {};
  EXPECT_THAT(error(), HasSubstr("too few head poses are known; expected 10 or more, got 9"));
}

}  // namespace
}  // namespace regard

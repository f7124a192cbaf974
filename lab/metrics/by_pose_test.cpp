#include "lab/metrics/by_pose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support.h"

namespace regard {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;

/// Two classes; rows 0, 1 and 3 are predicted rightly.
const std::vector<float> kLogits{1, 0, 0, 1, 1, 0, 0, 1};
const std::vector<int> kLabels{0, 1, 1, 1};
const Scores kScores{2, kLogits, kLabels};

std::vector<std::string> names(const ByPose& by_pose) {
  std::vector<std::string> all;
  for (const auto& group : by_pose.groups) all.push_back(group.name);
  return all;
}

TEST(ByPose, EstimatedPosesFallIntoBins) {
  const std::vector<std::optional<HeadPose>> poses{HeadPose{-50.5f, 0, 0}, HeadPose{3.2f, 40, 0},
                                                   HeadPose{-9, 0, 3}, HeadPose{20, 0, 0}};
  const auto result = measure_by_pose(kScores, poses, 1);
  ASSERT_TRUE(result);
  EXPECT_THAT(names(*result), ElementsAre("yaw below -45", "yaw -15 to 15", "yaw 15 to 30"));
  EXPECT_EQ(result->groups[1].metrics.count(), 2);
  EXPECT_EQ(result->groups[1].metrics.correct(), 1);
  EXPECT_THAT(result->mean_accuracy(), DoubleNear((1 + .5 + 1) / 3, 1e-12));
}

TEST(ByPose, FixedViewsHaveAGroupEach) {
  const std::vector<std::optional<HeadPose>> poses{
      HeadPose{-45, 0, 0}, {}, HeadPose{0, 0, 0}, HeadPose{-45, 0, 0}};
  const auto result = measure_by_pose(kScores, poses, 1);
  ASSERT_TRUE(result);
  EXPECT_THAT(names(*result), ElementsAre("yaw -45", "yaw 0"));
  EXPECT_EQ(result->unknown, 1);
  EXPECT_THAT(result->mean_accuracy(), DoubleNear(.5, 1e-12));
}

TEST(ByPose, ViewsOfSeveralPitchesAreToldApart) {
  const std::vector<std::optional<HeadPose>> poses{HeadPose{30, -15, 0}, HeadPose{30, 15, 0},
                                                   HeadPose{30, 15, 0}, HeadPose{-30, 0, 0}};
  EXPECT_THAT(names(*measure_by_pose(kScores, poses, 1)),
              ElementsAre("yaw -30, pitch 0", "yaw 30, pitch -15", "yaw 30, pitch 15"));
}

TEST(ByPose, NoneWhereNoPoseIsKnown) {
  const std::vector<std::optional<HeadPose>> none(4);
  EXPECT_FALSE(measure_by_pose(kScores, none, 1));
  EXPECT_FALSE(pose_error(std::vector<float>(12), none));
}

TEST(ByPose, ErrorsAreMeanAbsoluteOnes) {
  const std::vector<std::optional<HeadPose>> poses{HeadPose{10, 0, 5}, {}, HeadPose{-20, 4, 0}};
  const std::vector<float> predicted{13, 0, 5, 99, 99, 99, -25, 0, -2};
  const auto error = pose_error(predicted, poses);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->count, 2);
  EXPECT_DOUBLE_EQ(error->yaw, 4);
  EXPECT_DOUBLE_EQ(error->pitch, 2);
  EXPECT_DOUBLE_EQ(error->roll, 1);
}

TEST(ByPose, RowsThatDoNotFitAreAnError) {
  const std::vector<std::optional<HeadPose>> poses(3);
  EXPECT_THAT(test::error_of([&] { measure_by_pose(kScores, poses, 1); }),
              testing::HasSubstr("head poses do not fit the images; expected 4 rows, got 3"));
  EXPECT_THAT(test::error_of([&] { pose_error(std::vector<float>(8), poses); }),
              testing::HasSubstr("head poses do not fit the images; expected 8 rows, got 9"));
}

}  // namespace
}  // namespace regard

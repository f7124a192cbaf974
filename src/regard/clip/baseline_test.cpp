#include "regard/clip/baseline.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support.h"

namespace regard {
namespace {

TEST(BaselineTest, LogOdds) {
  EXPECT_FLOAT_EQ(log_odds(.5f), 0);
  EXPECT_NEAR(log_odds(.9f), std::log(9.f), 1e-5);
  EXPECT_NEAR(log_odds(0), -log_odds(1), 1e-4);
  EXPECT_FLOAT_EQ(log_odds(1e-6f), log_odds(.001f));
  for (const float p : {.01f, .3f, .8f}) EXPECT_NEAR(probability_of(log_odds(p)), p, 1e-6);
}

TEST(BaselineTest, RangesAreParsed) {
  EXPECT_EQ(parse_baseline("0-10s", "--baseline").to, 10);
  EXPECT_EQ(parse_baseline("1:20-1:40", "--baseline").from, 80);
  EXPECT_EQ(parse_baseline("1:20-1:40", "--baseline").to, 100);
  EXPECT_TRUE(parse_baseline("median", "--baseline").contains(1e6));
  EXPECT_EQ(test::error_of([] { parse_baseline("mean", "--baseline"); }),
            "--baseline: is no baseline; expected median, or a range such as 0-10s or 1:20-1:40, got 'mean'");
  EXPECT_EQ(test::error_of([] { parse_baseline("10-5s", "--baseline"); }),
            "--baseline: range of time is empty; expected a start before the end, got '10-5s'");
  EXPECT_NE(test::error_of([] { parse_baseline("a-5", "--baseline"); }), "");
}

/// Person 1 at one frame a second, with these probabilities of a smile.
ClipFrame smiling_frame(double seconds, float smile, float yaw = 0) {
  return {.stamp = {.seconds = seconds},
          .faces = {{.person = 1,
                     .face = {.box = {0, 0, 100, 100},
                              .pose = {.yaw = yaw},
                              .pose_score = 1,
                              .probabilities = {1 - smile, smile}},
                     .smoothed = {1 - smile, smile}}}};
}

TEST(BaselineTest, TheMedianOfTheRange) {
  Baselines all({}), start({0, 3});
  const std::vector<float> smiles{.1f, .2f, .3f, .9f, .9f, .9f, .9f};
  for (std::size_t i = 0; i < smiles.size(); ++i)
    for (auto* baselines : {&all, &start}) baselines->take(smiling_frame(static_cast<double>(i), smiles[i]));
  EXPECT_NEAR(all.of(1)[1], log_odds(.9f), .006);
  EXPECT_NEAR(start.of(1)[1], log_odds(.2f), .006);
  EXPECT_NEAR(start.of(1)[0], log_odds(.8f), .006);
  EXPECT_TRUE(all.of(2).empty());
}

TEST(BaselineTest, UnsureFramesAndThoseThatRepeatDoNotCount) {
  Baselines baselines({});
  baselines.take(smiling_frame(0, .9f, 40));
  auto repeated = smiling_frame(1, .9f);
  repeated.faces[0].classified = false;
  baselines.take(repeated);
  EXPECT_TRUE(baselines.of(1).empty());
  baselines.take(smiling_frame(2, .2f));
  EXPECT_NEAR(baselines.of(1)[1], log_odds(.2f), .006);
}

TEST(BaselineTest, CorrectsInLogOdds) {
  Baselines baselines({0, 1});
  baselines.take(smiling_frame(0, .2f));
  auto frame = smiling_frame(5, .6f);
  frame.faces.push_back({.person = 2, .smoothed = {.5f, .5f}});
  baselines.correct(frame);
  ASSERT_EQ(frame.faces[0].corrected.size(), 2u);
  EXPECT_NEAR(frame.faces[0].corrected[1], log_odds(.6f) - log_odds(.2f), .006);
  EXPECT_NEAR(frame.faces[0].corrected[0], log_odds(.4f) - log_odds(.8f), .006);
  EXPECT_TRUE(frame.faces[1].corrected.empty());
}

}  // namespace
}  // namespace regard

#include "regard/clip/summary.h"

#include <gtest/gtest.h>

namespace regard {
namespace {

PersonFace face_of(int person, float happiness, float yaw = 0) {
  const std::vector<float> values{1 - happiness, happiness};
  return {.person = person,
          .face = {.box = {0, 0, 100, 100},
                   .pose = {.yaw = yaw},
                   .pose_score = 1,
                   .expression = happiness > .5f ? "happiness" : "neutral",
                   .probabilities = values},
          .smoothed = values};
}

TEST(SummaryTest, WeighsByTime) {
  Summary summary({"neutral", "happiness"});
  // 0 to 1 s neutral, 1 to 4 s happy, the last frame as long as the one before it.
  summary.take({.stamp = {.seconds = 0}, .faces = {face_of(1, .25f)}});
  summary.take(
      {.stamp = {.seconds = 1}, .faces = {face_of(1, .75f), face_of(2, .5f, 40), face_of(kNobody, 1)}});
  summary.take({.stamp = {.seconds = 2}});
  summary.take({.stamp = {.seconds = 3}, .faces = {face_of(1, .75f)}});
  EXPECT_EQ(
      summary.csv("Made so, and so."),
      "face_id,frames,first,last,seconds,unsure,share neutral,mean neutral,sd neutral,max neutral,"
      "episodes neutral,share happiness,mean happiness,sd happiness,max happiness,episodes happiness,method\n"
      "1,3,0.000,3.000,3.000,0.0000,0.3333,0.416667,0.235702,0.750000,0,0.6667,0.583333,0.235702,0.750000,0,"
      "\"Made so, and so.\"\n"
      "2,1,1.000,1.000,1.000,1.0000,1.0000,0.500000,0.000000,0.500000,0,0.0000,0.500000,0.000000,0.500000,"
      "0,\"Made so, and so.\"\n");
}

TEST(SummaryTest, Baselines) {
  Summary summary({"neutral", "happiness"});
  Baselines baselines({});
  for (const double seconds : {0., 1.}) {
    const ClipFrame frame{.stamp = {.seconds = seconds}, .faces = {face_of(1, .25f), face_of(2, .25f, 40)}};
    summary.take(frame), baselines.take(frame);
  }
  const auto text = summary.csv("m", &baselines);
  EXPECT_NE(text.find(",baseline neutral,baseline happiness,method\n1,"), std::string::npos) << text;
  EXPECT_NE(text.find(",0.75"), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with(",,,m\n")) << "unsure throughout: " << text;
}

TEST(SummaryTest, APauseIsNobodysTime) {
  Summary summary({"neutral", "happiness"});
  for (const double seconds : {0., .1, .2, 60., 60.1})
    summary.take({.stamp = {.seconds = seconds}, .faces = {face_of(1, 0)}});
  EXPECT_NE(summary.csv("").find("\n1,5,0.000,60.100,0.500,"), std::string::npos) << summary.csv("");
}

TEST(SummaryTest, Nobody) {
  Summary summary({"neutral"});
  summary.take({});
  EXPECT_EQ(summary.csv("Made so."),
            "face_id,frames,first,last,seconds,unsure,share neutral,mean neutral,sd neutral,"
            "max neutral,episodes neutral,method\n");
}

TEST(SummaryTest, Unsure) {
  EXPECT_FALSE(is_unsure(face_of(1, 1), {}));
  EXPECT_TRUE(is_unsure(face_of(1, 1), {.damaged = true}));
  EXPECT_TRUE(is_unsure(face_of(1, 1, -31), {}));
  auto small = face_of(1, 1), covered = face_of(1, 1);
  small.face.box = {0, 0, 30, 40};
  covered.face.pose_score = .4f;
  EXPECT_TRUE(is_unsure(small, {}));
  EXPECT_TRUE(is_unsure(covered, {}));
}

}  // namespace
}  // namespace regard

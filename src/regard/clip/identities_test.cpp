#include "regard/clip/identities.h"

#include <gtest/gtest.h>

#include <cmath>

namespace regard {
namespace {

TEST(SmootherTest, DependsOnTimeNotOnTheRate) {
  for (const int rate : {10, 30, 100}) {
    Smoother smoother(.5);
    smoother.next(0, {0});
    float value = 0;
    for (int i = 1; i <= rate; ++i) value = smoother.next(static_cast<double>(i) / rate, {1})[0];
    EXPECT_NEAR(value, 1 - std::exp(-1 / .5), 1e-5) << rate;
  }
}

TEST(SmootherTest, BeginsAnewAfterAGap) {
  Smoother smoother(.5);
  smoother.next(0, {0});
  EXPECT_LT(smoother.next(.9, {1})[0], 1);
  EXPECT_EQ(smoother.next(2, {0})[0], 0);
}

TEST(SmootherTest, NoneForZero) {
  Smoother smoother(0);
  smoother.next(0, {0});
  EXPECT_EQ(smoother.next(.01, {.75f})[0], .75f);
}

RecognizedFrame seen(int number, std::vector<float> places) {
  RecognizedFrame frame{.stamp = {.number = number, .seconds = number / 30.}};
  for (const float x : places) {
    const Detection face{
        .box = {x, 100, 60, 80},
        .score = .9f,
        .landmarks = {{{x + 15, 130}, {x + 45, 130}, {x + 30, 145}, {x + 18, 160}, {x + 42, 160}}}};
    frame.detections.push_back(face);
    frame.faces.push_back({.box = face.box,
                           .score = face.score,
                           .landmarks = face.landmarks,
                           .probabilities = {number % 2 ? 1.f : 0.f}});
    frame.classified.push_back(1);
  }
  return frame;
}

TEST(IdentitiesTest, EveryFrameComesOnceAndInOrder) {
  std::vector<ClipFrame> frames;
  Identities identities({}, .25, [&](const ClipFrame& frame) { frames.push_back(frame); });
  for (int i = 0; i < 30; ++i) {
    auto frame = i == 10 ? seen(i, {}) : seen(i, {100.f + i, 400.f - i});
    identities.take(frame, {});
  }
  identities.finish();
  ASSERT_EQ(frames.size(), 30u);
  for (int i = 0; i < 30; ++i) {
    EXPECT_EQ(frames[i].stamp.number, i);
    if (i == 10) continue;
    ASSERT_EQ(frames[i].faces.size(), 2u);
    EXPECT_EQ(frames[i].faces[0].person, 1) << i;
    EXPECT_EQ(frames[i].faces[1].person, 2) << i;
  }
  EXPECT_GT(frames[29].faces[0].smoothed[0], .3f);
  EXPECT_LT(frames[29].faces[0].smoothed[0], .7f);
}

std::vector<ClipFrame> given_out(std::vector<RecognizedFrame> frames) {
  std::vector<ClipFrame> result;
  Identities identities({}, .25, [&](const ClipFrame& frame) { result.push_back(frame); });
  for (auto& frame : frames) identities.take(frame, {});
  identities.finish();
  return result;
}

TEST(IdentitiesTest, DoubtfulFacesContinueTracksAndAreNothingElse) {
  std::vector<RecognizedFrame> frames;
  for (int i = 0; i < 20; ++i) {
    frames.push_back(seen(i, {100, 400}));
    auto& scores = frames.back().detections;
    if (i >= 8 && i < 12) scores[0].score = frames.back().faces[0].score = .4f;
    scores[1].score = frames.back().faces[1].score = .4f;
  }
  for (const auto& frame : given_out(frames)) {
    ASSERT_EQ(frame.faces.size(), 1u) << frame.stamp.number;
    EXPECT_EQ(frame.faces[0].person, 1) << frame.stamp.number;
  }
}

TEST(IdentitiesTest, ASureFaceThatIsSeenTooBrieflyIsGivenOut) {
  std::vector<RecognizedFrame> frames;
  for (int i = 0; i < 10; ++i) frames.push_back(i == 4 ? seen(i, {100}) : seen(i, {}));
  const auto result = given_out(frames);
  ASSERT_EQ(result[4].faces.size(), 1u);
  EXPECT_EQ(result[4].faces[0].person, kNobody);
}

TEST(IdentitiesTest, NobodyIsLearntFromFacesAtTheEdge) {
  for (const int width : {640, 120}) {
    int asked = 0;
    Identities identities({}, .25, [](const ClipFrame&) {});
    for (int i = 0; i < 10; ++i) {
      auto frame = seen(i, {100});
      frame.width = width, frame.height = 360;
      frame.chips.emplace_back(8, 8);
      identities.take(frame, [&](ImageView) { return ++asked, AppearanceVector{1, 0}; });
    }
    EXPECT_EQ(asked > 0, width == 640) << width;
  }
}

TEST(IdentitiesTest, AppearancesAreNotedAndNotAskedForAgain) {
  int asked = 0;
  const auto describe = [&](ImageView) { return ++asked, AppearanceVector{1, 0}; };
  Identities live({}, 0, [](const ClipFrame&) {}), again({}, 0, [](const ClipFrame&) {});
  int noted = 0;
  for (int i = 0; i < 10; ++i) {
    auto frame = seen(i, {100});
    frame.chips.emplace_back(8, 8);
    live.take(frame, describe);
    noted += static_cast<int>(frame.appearances.size());
    again.take(frame, {});
  }
  EXPECT_GT(asked, 0);
  EXPECT_EQ(noted, asked);
}

}  // namespace
}  // namespace regard

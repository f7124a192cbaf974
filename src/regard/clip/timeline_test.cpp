#include "regard/clip/timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace regard {
namespace {

using testing::HasSubstr;
using testing::Not;

ClipFrame frame_at(double seconds, float happiness, bool seen = true, float yaw = 0) {
  ClipFrame frame{.stamp = {.seconds = seconds}};
  if (seen)
    frame.faces.push_back({.person = 1,
                           .face = {.box = {0, 0, 100, 100}, .pose = {.yaw = yaw}, .pose_score = 1},
                           .smoothed = {1 - happiness, happiness}});
  return frame;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t number = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++number;
  return number;
}

TEST(TimelineTest, APieceForEveryExpressionAndGap) {
  Timeline timeline({"neutral", "happiness"});
  for (int i = 0; i < 40; ++i) {
    auto frame = frame_at(i / 10., i < 10 ? .1f : .9f, i < 20 || i >= 30, i >= 35 ? 50.f : 0.f);
    frame.cut = i == 30;
    timeline.take(frame);
  }
  const auto svg = timeline.svg("a <clip> & more", "Made so.");
  EXPECT_THAT(svg, HasSubstr("<desc>Made so.</desc>"));
  EXPECT_THAT(svg, HasSubstr("a &lt;clip&gt; &amp; more"));
  EXPECT_EQ(count(svg, "<polygon"), 3u) << "neutral, happy, happy after a gap";
  EXPECT_EQ(count(svg, "fill=\"#f6f6f6\""), 2u) << "seen twice";
  EXPECT_EQ(count(svg, "fill=\"#444\""), 2u) << "unsure once, and in the legend";
  EXPECT_EQ(count(svg, "stroke-dasharray"), 1u) << "one cut";
  EXPECT_EQ(count(svg, ">person "), 1u);
  EXPECT_THAT(svg, HasSubstr(">3.0 s</text>"));
}

TEST(TimelineTest, LongClipsStaySmall) {
  Timeline timeline({"neutral", "happiness"});
  for (int i = 0; i < 200'000; ++i) timeline.take(frame_at(i / 30., .2f + .1f * static_cast<float>(i % 2)));
  EXPECT_LT(timeline.svg("long").size(), 60'000u);
}

TEST(TimelineTest, NobodyAtAll) {
  Timeline timeline({"neutral"});
  EXPECT_THAT(timeline.svg("empty"), Not(HasSubstr("nan")));
  timeline.take(frame_at(0, 0, false));
  EXPECT_THAT(timeline.svg("empty"), Not(HasSubstr("nan")));
}

}  // namespace
}  // namespace regard

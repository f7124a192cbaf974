#include "regard/clip/episodes.h"

#include <gtest/gtest.h>

#include "tests/support.h"

namespace regard {
namespace {

/// The episodes of one person with one label and these values, at 10 frames a second; below 0: not seen.
std::vector<Episode> episodes_of(const std::vector<float>& values, const EpisodeOptions& options = {}) {
  EpisodeFinder finder(options);
  for (std::size_t i = 0; i < values.size(); ++i) {
    ClipFrame frame{
        .stamp = {.number = static_cast<std::int64_t>(i), .seconds = static_cast<double>(i) / 10}};
    if (values[i] >= 0) frame.faces.push_back({.person = 3, .smoothed = {values[i]}});
    finder.take(frame);
  }
  return finder.episodes();
}

TEST(EpisodeFinderTest, OnsetApexAndOffset) {
  const auto episodes = episodes_of({0, .2f, .6f, .9f, .6f, .4f, .36f, .3f, 0});
  ASSERT_EQ(episodes.size(), 1u);
  EXPECT_EQ(episodes[0].person, 3);
  EXPECT_DOUBLE_EQ(episodes[0].onset, .2);
  EXPECT_DOUBLE_EQ(episodes[0].apex, .3);
  EXPECT_DOUBLE_EQ(episodes[0].offset, .6);
  EXPECT_EQ(episodes[0].peak, .9f);
}

TEST(EpisodeFinderTest, DoesNotFlicker) {
  EXPECT_EQ(episodes_of({.6f, .45f, .6f, .45f, .6f, .45f, .6f}).size(), 1u);
}

TEST(EpisodeFinderTest, LeavesOutShortOnes) {
  EXPECT_TRUE(episodes_of({0, .9f, .9f, 0}).empty());
  EXPECT_EQ(episodes_of({0, .9f, .9f, 0}, {.shortest = .1}).size(), 1u);
}

TEST(EpisodeFinderTest, EndsWhereNobodyIsSeenForLong) {
  std::vector<float> values(30, .9f);
  for (int i = 10; i < 15; ++i) values[i] = -1;
  EXPECT_EQ(episodes_of(values).size(), 1u) << "half a second";
  for (int i = 10; i < 22; ++i) values[i] = -1;
  const auto episodes = episodes_of(values);
  ASSERT_EQ(episodes.size(), 2u);
  EXPECT_DOUBLE_EQ(episodes[0].offset, .9);
  EXPECT_DOUBLE_EQ(episodes[1].onset, 2.2);
}

TEST(EpisodeFinderTest, InTheOrderOfTheirOnsets) {
  EpisodeFinder finder;
  for (int i = 0; i < 30; ++i)
    finder.take({.stamp = {.seconds = i / 10.},
                 .faces = {{.person = 1, .smoothed = {i < 20 ? .9f : .1f}},
                           {.person = 2, .smoothed = {i >= 5 && i < 10 ? .9f : .1f}}}});
  const auto episodes = finder.episodes();
  ASSERT_EQ(episodes.size(), 2u);
  EXPECT_EQ(episodes[0].person, 1);
  EXPECT_EQ(episodes[1].person, 2);
}

TEST(EpisodeFinderTest, OptionsOutOfRange) {
  EXPECT_EQ(test::error_of([] { EpisodeFinder({.onset = .4f, .offset = .5f}); }),
            "offset: number is out of range; expected 0 to the onset, got 0.500000");
  EXPECT_NE(test::error_of([] { EpisodeFinder({.onset = 0}); }), "");
  EXPECT_NE(test::error_of([] { EpisodeFinder({.shortest = -1}); }), "");
}

TEST(EpisodeFinderTest, NobodyHasNone) {
  EpisodeFinder finder;
  for (int i = 0; i < 10; ++i)
    finder.take({.stamp = {.seconds = i / 10.}, .faces = {{.person = kNobody, .smoothed = {1}}}});
  EXPECT_TRUE(finder.episodes().empty());
}

}  // namespace
}  // namespace regard

#include "regard/clip/selection.h"

#include <gtest/gtest.h>

#include "regard/core/file.h"
#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;

/// The indices of the wanted ones.
std::vector<int> chosen(const FrameSelection& selection, const std::vector<double>& times) {
  FrameSelector selector(selection);
  std::vector<int> indices;
  for (std::size_t i = 0; i < times.size(); ++i)
    if (selector.wants(times[i])) indices.push_back(static_cast<int>(i));
  return indices;
}

std::vector<double> at_rate(double fps, int count) {
  std::vector<double> times;
  for (int i = 0; i < count; ++i) times.push_back(i / fps);
  return times;
}

TEST(FrameSelectionTest, AllByDefault) {
  EXPECT_EQ(chosen({}, {0, .04, 17}), (std::vector{0, 1, 2}));
}

TEST(FrameSelectionTest, SoManyASecond) {
  EXPECT_EQ(chosen({.fps = 5}, at_rate(30, 20)), (std::vector{0, 6, 12, 18}));
  EXPECT_EQ(chosen({.fps = 10}, at_rate(25, 11)), (std::vector{0, 3, 5, 8, 10}))
      << "the first of each interval";
  EXPECT_EQ(chosen({.fps = 60}, at_rate(25, 4)), (std::vector{0, 1, 2, 3})) << "no more than there are";
}

TEST(FrameSelectionTest, VariableRate) {
  EXPECT_EQ(chosen({.fps = 2}, {0, .1, .2, 1.9, 2, 2.4, 2.6}), (std::vector{0, 3, 4, 6}));
}

TEST(FrameSelectionTest, RoundedTimes) {
  EXPECT_EQ(chosen({.fps = 5}, {0, .1999, .2001, .3999, .6}), (std::vector{0, 1, 3, 4}))
      << "milliseconds of Matroska";
}

TEST(FrameSelectionTest, Ranges) {
  const FrameSelection selection{.range = {.1, .5}, .excluded = {{.2, .3}}};
  EXPECT_EQ(chosen(selection, {0, .1, .2, .25, .3, .4, .5}), (std::vector{1, 4, 5}));
  EXPECT_FALSE(FrameSelector(selection).is_past(.4));
  EXPECT_TRUE(FrameSelector(selection).is_past(.5));
}

TEST(FrameSelectionTest, Impossible) {
  EXPECT_EQ(error_of([] { FrameSelector({.fps = -1}); }),
            "fps: number is out of range; expected 0 or more, got -1.000000");
  EXPECT_EQ(
      error_of([] {
        FrameSelector({.range = {80, 20}});
      }),
      "from, to: range of time is empty; expected a start before the end, got 0:01:20.000 to 0:00:20.000");
}

TEST(FrameSelectionTest, Times) {
  EXPECT_EQ(parse_time("80", ""), 80);
  EXPECT_EQ(parse_time("80.5", ""), 80.5);
  EXPECT_EQ(parse_time("1:20", ""), 80);
  EXPECT_EQ(parse_time("1:02:03.5", ""), 3723.5);
  EXPECT_EQ(parse_time("90:00", ""), 5400);
  for (const auto* wrong :
       {"", "x", "-1", "1:", ":1", "1:60", "1.5:20", "1:2:3:4", "1e3", "nan", "inf", "1 "})
    EXPECT_EQ(error_of([&] { parse_time(wrong, "from"); }),
              "from: is no time; expected seconds, or minutes:seconds, or hours:minutes:seconds, got '" +
                  std::string(wrong) + "'");
  EXPECT_EQ(time_text(3723.5), "1:02:03.500");
  EXPECT_EQ(time_text(59.9996), "0:01:00.000");
}

TEST(FrameSelectionTest, File) {
  const test::TemporaryFolder folder;
  const auto path = folder / "ranges.csv";
  write_text_atomically(path, "why;to;from\nbreak;1:20;1:10\n\nend;1:00:00;59:00\n");
  const auto ranges = read_ranges(path);
  ASSERT_EQ(ranges.size(), 2u);
  EXPECT_EQ(ranges[0].from, 70);
  EXPECT_EQ(ranges[1].to, 3600);
  write_text_atomically(path, "from,to\n1:10,1:00\n");
  EXPECT_EQ(error_of([&] { read_ranges(path); }), path.string() +
                                                      ":2: range of time is empty; expected a start "
                                                      "before the end, got 0:01:10.000 to 0:01:00.000");
  write_text_atomically(path, "from,to\n1:10,soon\n");
  EXPECT_NE(error_of([&] { read_ranges(path); }).find("ranges.csv:2: is no time"), std::string::npos);
  write_text_atomically(path, "start,end\n1,2\n");
  EXPECT_NE(error_of([&] { read_ranges(path); }).find("from"), std::string::npos);
}

}  // namespace
}  // namespace regard

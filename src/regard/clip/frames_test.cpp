#include "regard/clip/frames.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace regard {
namespace {

/// A made-up video: grey frames at 25 frames a second, of these levels; -1 cannot be decoded.
class MadeVideo : public VideoReader {
 public:
  explicit MadeVideo(std::vector<int> levels) : levels_(std::move(levels)) {}

  const VideoInfo& info() const override { return info_; }
  std::optional<FrameStamp> next() override {
    if (++at_ >= static_cast<int>(levels_.size())) return {};
    return FrameStamp{.number = at_, .seconds = at_ / 25., .damaged = level() < 0};
  }
  Image image() override {
    ++shown;
    if (level() < 0) return {};
    Image image(64, 36);
    std::ranges::fill(image.pixels, static_cast<std::uint8_t>(level()));
    return image;
  }
  std::string shortfall() const override { return {}; }

  int shown = 0;

 private:
  int level() const { return levels_[static_cast<std::size_t>(at_)]; }

  std::vector<int> levels_;
  VideoInfo info_;
  int at_ = -1;
};

/// The numbers of the frames in each group.
std::vector<std::vector<int>> groups_of(FrameGroups& groups) {
  std::vector<std::vector<int>> numbers;
  while (const auto group = groups.next()) {
    auto& list = numbers.emplace_back();
    for (const auto& frame : *group) list.push_back(static_cast<int>(frame.stamp.number));
  }
  return numbers;
}

std::vector<std::vector<int>> groups_of(MadeVideo video, const FrameGroupOptions& options = {}) {
  FrameGroups groups(video, options);
  return groups_of(groups);
}

using Groups = std::vector<std::vector<int>>;

TEST(FrameGroupsTest, AreAsLongAsTimeSays) {
  EXPECT_EQ(groups_of(MadeVideo(std::vector(12, 90))), (Groups{{0, 1, 2, 3, 4}, {5, 6, 7, 8, 9}, {10, 11}}));
  EXPECT_EQ(groups_of(MadeVideo(std::vector(4, 90)), {.seconds = 0}), (Groups{{0}, {1}, {2}, {3}}));
}

TEST(FrameGroupsTest, BeginAtACut) {
  EXPECT_EQ(groups_of(MadeVideo({90, 90, 200, 200, 200})), (Groups{{0, 1}, {2, 3, 4}}));
}

TEST(FrameGroupsTest, BeginAfterAFrameThatCannotBeShown) {
  EXPECT_EQ(groups_of(MadeVideo({90, -1, 90, 90})), (Groups{{0, 1}, {2, 3}}));
}

TEST(FrameGroupsTest, HaveALimitInBytes) {
  EXPECT_EQ(groups_of(MadeVideo(std::vector(5, 90)), {.bytes = 2 * 64 * 36 * 3}),
            (Groups{{0, 1}, {2, 3}, {4}}));
  EXPECT_EQ(groups_of(MadeVideo(std::vector(2, 90)), {.bytes = 1}), (Groups{{0}, {1}}));
}

TEST(FrameGroupsTest, HaveOnlySelectedFrames) {
  MadeVideo video(std::vector(25, 90));
  FrameGroups groups(video, {.selection = {.fps = 5, .range = {.2, .8}}});
  EXPECT_EQ(groups_of(groups), (Groups{{5}, {10}, {15}}));
  EXPECT_EQ(video.shown, 3) << "others are not converted";
}

TEST(FrameGroupsTest, GoOnWhereTheyWere) {
  std::vector<int> levels(40, 90);
  for (int i : {3, 17, 18, 19}) levels[static_cast<std::size_t>(i)] = 200;
  const auto all = groups_of(MadeVideo(levels));
  for (std::size_t done = 1; done < all.size(); ++done) {
    MadeVideo video(levels);
    FrameGroups groups(video, {});
    groups.skip_through(all[done - 1].back());
    EXPECT_EQ(groups_of(groups), Groups(all.begin() + static_cast<std::ptrdiff_t>(done), all.end())) << done;
  }
}

}  // namespace
}  // namespace regard

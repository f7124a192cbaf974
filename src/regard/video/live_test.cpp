#include "regard/video/live.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "regard/core/error.h"
#include "tests/support.h"

namespace regard {
namespace {

/// So many frames, one in so many milliseconds, each as wide as its number says, and then an error or the
/// end.
class MadeCamera : public VideoReader {
 public:
  MadeCamera(int frames, int milliseconds, bool breaks = false)
      : frames_(frames), pause_(milliseconds), breaks_(breaks) {}

  const VideoInfo& info() const override { return info_; }
  std::optional<FrameStamp> next() override {
    if (++at_ >= frames_ && breaks_) throw Error("was pulled out", "camera");
    if (at_ >= frames_) return {};
    std::this_thread::sleep_for(pause_);
    return FrameStamp{.number = at_, .seconds = at_ * .01};
  }
  Image image() override { return Image(at_ + 1, 1); }
  std::string shortfall() const override { return {}; }

 private:
  VideoInfo info_ = {.width = 7, .height = 1};
  int frames_, at_ = -1;
  std::chrono::milliseconds pause_;
  bool breaks_;
};

TEST(LiveReaderTest, WhoIsFastEnoughGetsEveryFrame) {
  LiveReader reader(std::make_unique<MadeCamera>(10, 20));
  EXPECT_EQ(reader.info().width, 7);
  int count = 0;
  while (const auto stamp = reader.next()) {
    EXPECT_EQ(stamp->number, count++);
    EXPECT_EQ(reader.image().width, count);
  }
  EXPECT_EQ(count, 10);
}

TEST(LiveReaderTest, WhoIsSlowGetsTheLatestFrames) {
  LiveReader reader(std::make_unique<MadeCamera>(60, 1));
  std::vector<std::int64_t> numbers;
  while (const auto stamp = reader.next()) {
    numbers.push_back(stamp->number);
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
  }
  EXPECT_LT(numbers.size(), 40u);
  EXPECT_EQ(numbers.back(), 59);
  EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end()));
}

TEST(LiveReaderTest, WhatWasGivenOutIsKept) {
  LiveReader reader(std::make_unique<MadeCamera>(6, 5), true);
  const auto again = reader.again();
  std::vector<std::int64_t> numbers, kept;
  while (const auto stamp = reader.next()) numbers.push_back(stamp->number);
  while (const auto stamp = again->next()) {
    kept.push_back(stamp->number);
    EXPECT_EQ(again->image().width, stamp->number + 1);
  }
  EXPECT_EQ(kept, numbers);
}

TEST(LiveReaderTest, Ages) {
  LiveReader reader(std::make_unique<MadeCamera>(2, 1));
  const auto stamp = reader.next();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_GE(reader.age(stamp->number), .02);
  EXPECT_EQ(reader.age(99), 0) << "unknown";
}

TEST(LiveReaderTest, ErrorsOfTheCamera) {
  LiveReader reader(std::make_unique<MadeCamera>(2, 1, true));
  EXPECT_EQ(test::error_of([&] {
              while (reader.next()) {
              }
            }),
            "camera: was pulled out");
}

}  // namespace
}  // namespace regard

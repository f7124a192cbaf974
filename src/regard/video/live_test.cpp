#include "regard/video/live.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "regard/core/error.h"
#include "tests/support.h"

namespace regard {
namespace {

/// So many frames, each as wide as its number says, and then an error or the end. `before(number)` is called
/// ahead of each of these.
class MadeCamera : public VideoReader {
 public:
  explicit MadeCamera(int frames, std::function<void(int)> before = {}, bool breaks = false)
      : frames_(frames), before_(std::move(before)), breaks_(breaks) {}

  const VideoInfo& info() const override { return info_; }
  std::optional<FrameStamp> next() override {
    ++at_;
    if (before_) before_(at_);
    if (at_ >= frames_ && breaks_) throw Error("was pulled out", "camera");
    if (at_ >= frames_) return {};
    return FrameStamp{.number = at_, .seconds = at_ * .01};
  }
  Image image() override { return Image(at_ + 1, 1); }
  std::string shortfall() const override { return {}; }

 private:
  VideoInfo info_ = {.width = 7, .height = 1};
  int frames_, at_ = -1;
  std::function<void(int)> before_;
  bool breaks_;
};

TEST(LiveReaderTest, WhoIsFastEnoughGetsEveryFrame) {
  std::atomic<int> count = 0;
  LiveReader reader(std::make_unique<MadeCamera>(10, [&](int number) {
    while (count < number) std::this_thread::yield();
  }));
  EXPECT_EQ(reader.info().width, 7);
  while (const auto stamp = reader.next()) {
    EXPECT_EQ(stamp->number, count);
    EXPECT_EQ(reader.image().width, count + 1);
    ++count;
  }
  EXPECT_EQ(count, 10);
}

TEST(LiveReaderTest, WhoIsSlowGetsTheLatestFrames) {
  std::atomic<bool> all_came = false;
  LiveReader reader(std::make_unique<MadeCamera>(60, [&](int number) { all_came = number == 60; }));
  while (!all_came) std::this_thread::yield();
  std::vector<std::int64_t> numbers;
  while (const auto stamp = reader.next()) numbers.push_back(stamp->number);
  EXPECT_LT(numbers.size(), 40u);
  EXPECT_EQ(numbers.back(), 59);
  EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end()));
}

TEST(LiveReaderTest, WhatWasGivenOutIsKept) {
  LiveReader reader(std::make_unique<MadeCamera>(6), true);
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
  LiveReader reader(std::make_unique<MadeCamera>(2));
  const auto stamp = reader.next();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_GE(reader.age(stamp->number), .02);
  EXPECT_EQ(reader.age(99), 0) << "unknown";
}

TEST(LiveReaderTest, ErrorsOfTheCamera) {
  LiveReader reader(std::make_unique<MadeCamera>(2, nullptr, true));
  EXPECT_EQ(test::error_of([&] {
              while (reader.next()) {
              }
            }),
            "camera: was pulled out");
}

}  // namespace
}  // namespace regard

#include "regard/clip/stream.h"

#include <gtest/gtest.h>

#include <string>

#include "regard/clip/clip_writer.h"
#include "regard/core/json.h"
#include "regard/pipeline/model_files.h"
#include "tests/faces.h"
#include "tests/support.h"

namespace regard {
namespace {

/// Somebody at rest in so many frames, after which the file breaks off or cannot be read.
class StillClip : public VideoReader {
 public:
  explicit StillClip(int frames, bool unreadable = false) : frames_(frames), unreadable_(unreadable) {
    test::paste(image_, test::head(test::kHopper, 80), 160, 120);
  }

  const VideoInfo& info() const override { return info_; }
  std::optional<FrameStamp> next() override {
    if (at_ + 1 >= frames_ && unreadable_) throw Error("cannot be read", "still");
    if (at_ + 1 >= frames_) return {};
    return FrameStamp{.number = ++at_, .seconds = at_ / 25.};
  }
  Image image() override { return image_; }
  std::string shortfall() const override { return "the file was cut off"; }

 private:
  VideoInfo info_ = {.width = 320, .height = 240};
  Image image_ = test::canvas(320, 240);
  int frames_, at_ = -1;
  bool unreadable_;
};

Stages stages_of_clip() {
  return Stages(find_model("ferplus-mobilenet"), {.detector = {.threads = 1}, .engine = {.threads = 1}});
}

TEST(ClipStreamTest, GivesWhatRunClipGives) {
  const Stages stages = stages_of_clip();
  std::vector<Json> expected;
  StillClip clip(12);
  run_clip(clip, stages, {}, {.frame = [&](const ClipFrame& frame) {
             expected.push_back(to_json(frame, stages.info().labels));
           }});
  ClipStream stream(std::make_unique<StillClip>(12), stages_of_clip(), {});
  EXPECT_EQ(stream.info().width, 320);
  std::vector<Json> given;
  while (const auto frame = stream.next()) {
    EXPECT_EQ(stream.shortfall(), "") << "not known before the end";
    given.push_back(to_json(*frame, stream.stages().info().labels));
  }
  EXPECT_EQ(given, expected);
  EXPECT_EQ(given.back()["faces"][0]["face_id"], 1);
  EXPECT_EQ(stream.shortfall(), "the file was cut off");
  EXPECT_FALSE(stream.next()) << "stays at its end";
}

TEST(ClipStreamTest, ErrorsComeAfterTheFramesBefore) {
  ClipStream stream(std::make_unique<StillClip>(9, true), stages_of_clip(), {});
  int frames = 0;
  const auto read = [&] {
    while (stream.next()) ++frames;
  };
  EXPECT_EQ(test::error_of(read), "still: cannot be read");
  EXPECT_GE(frames, 1);
}

TEST(ClipStreamTest, EndsAtOnceWhenNobodyListens) {
  ClipStream stream(std::make_unique<StillClip>(1'000'000), stages_of_clip(), {.smoothing = 0});
  EXPECT_TRUE(stream.next());
}

}  // namespace
}  // namespace regard

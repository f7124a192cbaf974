#include "regard/clip/run.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "regard/clip/clip_writer.h"
#include "regard/core/file.h"
#include "tests/faces.h"
#include "tests/support.h"

namespace regard {
namespace {

using namespace test;

/// Two people; one moves, leaves and comes back; a frame that cannot be decoded.
class MadeClip : public VideoReader {
 public:
  static constexpr int kFrames = 40, kLost = 23;

  const VideoInfo& info() const override { return info_; }
  std::optional<FrameStamp> next() override {
    if (++at_ >= kFrames) return {};
    return FrameStamp{.number = at_, .seconds = at_ / 25., .damaged = at_ == kLost};
  }
  Image image() override {
    if (at_ == kLost) return {};
    Image image = canvas(640, 360);
    paste(image, head(kHopper, 90), 480, 180);
    if (at_ < 15 || at_ > 20) paste(image, head(kAstronaut, 80), 150 + 2 * at_, 180);
    return image;
  }
  std::string shortfall() const override { return {}; }

 private:
  VideoInfo info_ = {.width = 640, .height = 360};
  int at_ = -1;
};

const Stages& stages() {
  static const Stages kStages(load_model(find_model("")),
                              {.detector = {.threads = 1}, .engine = {.threads = 1}, .jobs = 2});
  return kStages;
}

std::string rows_of(const ClipOptions& options, Journal* journal = nullptr, std::stop_token stop = {}) {
  MadeClip clip;
  const auto writer =
      make_clip_writer("csv", {.face = {.labels = stages().info().labels, .views = stages().views()}});
  std::string rows;
  run_clip(clip, stages(), options, {.frame = [&](const ClipFrame& frame) { rows += writer->text(frame); }},
           journal, stop);
  return rows;
}

std::vector<ClipFrame> frames_of(const ClipOptions& options) {
  MadeClip clip;
  std::vector<ClipFrame> frames;
  run_clip(clip, stages(), options, {.frame = [&](const ClipFrame& frame) { frames.push_back(frame); }});
  return frames;
}

/// Who is the one on the right, and who the other.
bool is_right(const PersonFace& face) {
  return face.face.box.x > 350;
}

TEST(RunClipTest, EveryFrameAndEverybody) {
  const auto frames = frames_of({.jobs = 2});
  ASSERT_EQ(frames.size(), static_cast<std::size_t>(MadeClip::kFrames));
  std::map<bool, int> people;
  for (const auto& face : frames[0].faces) people[is_right(face)] = face.person;
  EXPECT_EQ(people.size(), 2u);
  for (int i = 0; i < MadeClip::kFrames; ++i) {
    const auto& frame = frames[static_cast<std::size_t>(i)];
    EXPECT_EQ(frame.stamp.number, i);
    EXPECT_EQ(frame.stamp.damaged, i == MadeClip::kLost);
    const std::size_t expected = i == MadeClip::kLost ? 0 : i < 15 ? 2 : 1;
    // Somebody who comes in is seen at the next search.
    if (i <= 20 || i == MadeClip::kLost) {
      EXPECT_EQ(frame.faces.size(), expected) << i;
    }
    for (const auto& face : frame.faces) {
      EXPECT_EQ(face.person, people[is_right(face)]) << i;
      EXPECT_EQ(face.face.probabilities.size(), stages().info().labels.size());
      EXPECT_EQ(face.smoothed.size(), face.face.probabilities.size());
    }
  }
  EXPECT_EQ(frames.back().faces.size(), 2u);
}

TEST(RunClipTest, ThreadsDoNotMatter) {
  EXPECT_EQ(rows_of({.jobs = 1}), rows_of({.jobs = 2}));
}

TEST(RunClipTest, EveryNth) {
  int classified = 0, faces = 0;
  for (const auto& frame : frames_of({.every = 3, .jobs = 2}))
    for (const auto& face : frame.faces) {
      ++faces, classified += face.classified;
      EXPECT_FALSE(face.face.expression.empty());
    }
  EXPECT_GT(classified, faces / 5);
  EXPECT_LT(classified, faces / 2);
}

TEST(RunClipTest, MostFaces) {
  for (const auto& frame : frames_of({.max_faces = 1, .jobs = 2})) EXPECT_LE(frame.faces.size(), 1u);
}

TEST(RunClipTest, GoesOnFromItsJournal) {
  const TemporaryFolder folder;
  const auto path = folder / "journal";
  std::string straight;
  {
    Journal journal(path, "kind", false);
    straight = rows_of({.jobs = 2}, &journal);
  }
  const std::string whole = read_text(path);
  for (const double part : {0., .3, .6, 1.}) {
    write_text_atomically(
        path, whole.substr(0, static_cast<std::size_t>(part * static_cast<double>(whole.size()))));
    Journal journal(path, "kind", true);
    EXPECT_EQ(rows_of({.jobs = 2}, &journal), straight) << part;
  }
}

TEST(RunClipTest, IsReplayedFromItsJournal) {
  const TemporaryFolder folder;
  Journal journal(folder / "journal", "kind", false);
  const std::string straight = rows_of({.jobs = 2}, &journal);
  const auto writer =
      make_clip_writer("csv", {.face = {.labels = stages().info().labels, .views = stages().views()}});
  std::string again;
  replay_clip(journal, {}, [&](const ClipFrame& frame) { again += writer->text(frame); });
  EXPECT_EQ(again, straight);
}

TEST(RunClipTest, OptionsOutOfRange) {
  EXPECT_EQ(error_of([] { rows_of({.every = 0}); }),
            "every: number is out of range; expected 1 or more, got 0");
}

}  // namespace
}  // namespace regard

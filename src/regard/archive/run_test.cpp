#include "regard/archive/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "regard/archive/parts.h"
#include "regard/core/file.h"
#include "regard/image/decode.h"
#include "tests/support.h"

namespace regard {
namespace {

namespace fs = std::filesystem;
using test::error_of;
using test::TemporaryFolder;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

/// Ten images, one of which cannot be read, and a folder for the results.
class ArchiveTest : public ::testing::Test {
 protected:
  ArchiveTest() {
    Image pixel(2, 2, 3);
    for (int i = 0; i < kImages; ++i) {
      names_.push_back((folder_ / (std::to_string(i) + ".png")).string());
      if (i == kBroken)
        write_text_atomically(names_.back(), "no image");
      else
        write_image(names_.back(), pixel);
    }
  }

  ArchiveReport run(const std::string& out, ArchiveOptions options = {}) {
    InputList inputs(folder_ / out);
    for (const auto& name : names_) inputs.add({name});
    options.folder = folder_ / out, options.chunk = 3, options.jobs = 2;
    // An image has as many faces as its number says, up to 2.
    const FaceStage faces = [this](const std::string& file, ImageView) {
      return std::vector<Face>(static_cast<std::size_t>(fs::path(file).stem().string()[0] - '0') % 3);
    };
    return run_archive(inputs, faces, options);
  }

  /// The files of a folder that are no locks, with their contents.
  std::map<std::string, std::string> files(const std::string& out) const {
    std::map<std::string, std::string> found;
    for (const auto& entry : fs::directory_iterator(folder_ / out))
      found[entry.path().filename().string()] = read_text(entry.path());
    return found;
  }

  static constexpr int kImages = 10, kBroken = 4;
  TemporaryFolder folder_;
  std::vector<std::string> names_;
};

TEST_F(ArchiveTest, EveryImageIsInAPart) {
  std::vector<std::size_t> seen;
  const auto report = run("out", {.progress = [&](std::size_t done, std::size_t total) {
                            EXPECT_EQ(total, 10u);
                            seen.push_back(done);
                          }});
  EXPECT_EQ(report.images, 10u);
  EXPECT_EQ(report.unreadable, 1u);
  EXPECT_EQ(report.parts, 4u);
  EXPECT_EQ(report.left, 0u);
  EXPECT_EQ(seen.size(), 10u);
  const auto found = files("out");
  EXPECT_EQ(found.size(), 6u);
  std::string all;
  for (int i = 0; i < 4; ++i) all += found.at("part-0000" + std::to_string(i) + ".jsonl");
  std::vector<Json> images;
  for (std::size_t at = 0; at < all.size(); at = all.find('\n', at) + 1)
    images.push_back(Json::parse(all.substr(at, all.find('\n', at) - at)));
  ASSERT_EQ(images.size(), 10u);
  for (std::size_t i = 0; i < images.size(); ++i) {
    EXPECT_EQ(images[i]["file"], names_[i]);
    EXPECT_EQ(images[i]["faces"].size(), i == kBroken ? 0 : i % 3);
  }
  EXPECT_EQ(images[3]["error"], "no face");
  EXPECT_THAT(images[4]["error"].get<std::string>(), HasSubstr("image"));
  EXPECT_THAT(images[4]["error"].get<std::string>(), ::testing::Not(HasSubstr(".png")));
  EXPECT_FALSE(images[5].contains("error"));
}

TEST_F(ArchiveTest, WhatWasStoppedIsContinued) {
  run("straight");
  for (std::size_t after = 1; after < 10; after += 4) {
    const std::string out = "stopped" + std::to_string(after);
    std::stop_source stop;
    const auto begun = run(out, {.progress =
                                     [&](std::size_t done, std::size_t) {
                                       if (done == after) stop.request_stop();
                                     },
                                 .stop = stop.get_token()});
    EXPECT_EQ(begun.left + begun.parts, 4u);
    EXPECT_THAT(error_of([&] { run(out); }),
                HasSubstr(out + ": there are results of this run already; expected --resume"));
    const auto rest = run(out, {.resume = true});
    EXPECT_EQ(rest.done_before, begun.parts);
    EXPECT_EQ(rest.parts, begun.left);
    EXPECT_EQ(files(out), files("straight"));
  }
}

TEST_F(ArchiveTest, ShardsShareAFolder) {
  run("straight");
  EXPECT_EQ(run("shared", {.shard = {2, 2}}).parts, 2u);
  EXPECT_EQ(files("shared").count("part-00000.jsonl"), 0u);
  EXPECT_EQ(run("shared", {.shard = {1, 2}}).images, 6u);
  EXPECT_EQ(files("shared"), files("straight"));
  EXPECT_THAT(error_of([&] { run("shared", {.shard = {1, 2}}); }), HasSubstr("--resume"));
  EXPECT_EQ(run("shared", {.shard = {1, 2}, .resume = true}).done_before, 2u);
}

TEST_F(ArchiveTest, AnotherRunIsRefused) {
  run("out", {.settings = {{"model", "small"}}});
  EXPECT_THAT(error_of([&] {
                run("out", {.resume = true, .settings = {{"model", "large"}}});
              }),
              HasSubstr(R"(of another run; expected model "small", got model "large")"));
  EXPECT_THAT(error_of([&] {
                run("out", {.format = "csv", .resume = true, .settings = {{"model", "small"}}});
              }),
              HasSubstr(R"(expected format "json", got format "csv")"));
}

TEST_F(ArchiveTest, WhatAnotherProcessIsWritingIsLeftToIt) {
  const OutputLock lock(part_file(folder_ / "out", 1, "jsonl"));
  const auto report = run("out");
  EXPECT_EQ(report.parts, 3u);
  EXPECT_EQ(report.left, 1u);
  EXPECT_EQ(files("out").count("part-00001.jsonl"), 0u);
}

TEST_F(ArchiveTest, AnErrorInWritingEndsIt) {
  fs::create_directories(folder_ / "out" / "part-00001.jsonl.x");
  EXPECT_THAT(error_of([&] { run("out"); }), HasSubstr("there are parts of a run without its manifest.json"));
}

}  // namespace
}  // namespace regard

#include "lab/datasets/packing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "lab/datasets/dataset_test.h"
#include "regard/core/error.h"
#include "regard/face/alignment.h"
#include "regard/image/decode.h"
#include "regard/image/opencv.h"

namespace regard {
namespace {

using testing::ContainsRegex;
using testing::ElementsAre;
using testing::HasSubstr;

/// FED-RO's tree: photographs, whose faces have to be found.
class PackingTest : public testing::Test {
 protected:
  PackingTest() {
    for (const char* folder : {"neural", "happy", "sad", "surprise", "fear", "disgust", "anger"})
      tree_.image(std::string(folder) + "/nobody.png", 64, 64, {120, 120, 120});
  }
  void copy(const std::string& image, const std::string& name) {
    std::filesystem::copy_file(REGARD_SOURCE_DIR "/tests/images/" + image, tree_.root() / name);
  }
  LoadedDataset read(const PackOptions& options) {
    PackJob job = tree_.job();
    job.options = options;
    job.options.size = 64;
    job.face_mesh = REGARD_SOURCE_DIR "/models/mediapipe-face-landmark.tflite";
    return read_dataset(find_dataset("fedro"), job);
  }
  static const Sample& named(const LoadedDataset& data, const std::string& name) {
    for (const auto& sample : data.samples)
      if (sample.name == name) return sample;
    throw Error("no such sample", name);
  }
  test::DatasetTree tree_;
};

TEST_F(PackingTest, HeadPosesAreThoseThatTheChipShows) {
  copy("head_yaw_40.png", "neural/right.png");
  copy("head_turned.png", "happy/turned.png");
  const auto upright = read({.pose = true}), aligned = read({.align = true, .pose = true});
  ASSERT_TRUE(named(upright, "right.png").pose && named(upright, "turned.png").pose);
  EXPECT_NEAR(named(upright, "right.png").pose->yaw, 40, 12);
  const HeadPose turned = *named(upright, "turned.png").pose, level = *named(aligned, "turned.png").pose;
  EXPECT_NEAR(turned.yaw, -35, 12);
  EXPECT_NEAR(turned.roll, 20, 8);
  EXPECT_NEAR(level.yaw, turned.yaw, 6);
  // Aligning turns the chip by what its landmarks say.
  ChipOptions chip;
  chip.size = 64;
  Landmarks places = named(upright, "turned.png").landmarks.value();
  for (Point& p : places) p = {p.x * 64, p.y * 64};
  const Affine map = chip_to_image(places, chip);
  EXPECT_NEAR(turned.roll - level.roll, std::atan2(map.m[3], map.m[0]) * 180 / M_PI, 3);
  EXPECT_TRUE(named(upright, "right.png").landmarks);
}

TEST_F(PackingTest, NoFaceAndNoWishAreNoPose) {
  copy("head_yaw_40.png", "neural/right.png");
  EXPECT_FALSE(named(read({.pose = true}), "nobody.png").pose);
  EXPECT_FALSE(named(read({}), "right.png").pose);
}

TEST_F(PackingTest, TheOrderIsTheSetsWhateverTheThreads) {
  for (int i = 0; i < 150; ++i)
    tree_.image("anger/" + std::to_string(1000 + i) + ".png", 8, 8, cv::Scalar::all(i));
  PackJob job = tree_.job();
  std::vector<std::int64_t> seen;
  job.progress = [&](std::int64_t done, std::int64_t) { seen.push_back(done); };
  const auto data = read_dataset(find_dataset("fedro"), job);
  ASSERT_EQ(data.samples.size(), 157u);
  for (std::size_t i = 1; i < data.samples.size(); ++i)
    if (data.samples[i].name.starts_with('1') && data.samples[i - 1].name.starts_with('1')) {
      EXPECT_LT(data.samples[i - 1].name, data.samples[i].name);
      EXPECT_EQ(test::pixel(data, i, 8, 8), std::stoi(data.samples[i].name) - 1000);
    }
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(seen.back(), 157);
}

TEST_F(PackingTest, UnreadableImagesAreToldInOrderAndLeftOut) {
  tree_.text("neural/a.png", "no image");
  tree_.text("neural/b.png", "");
  tree_.text("happy/c.jpeg", "\xff\xd8\xff");
  for (int i = 0; i < 5; ++i) {
    const auto lines = tree_.left_out_of("fedro");
    EXPECT_THAT(
        lines,
        ContainsRegex("neural/a.png unreadable .*\nneural/b.png unreadable .*\nhappy/c.jpeg unreadable"));
  }
  const auto data = read({});
  EXPECT_EQ(data.samples.size(), 7u);
  EXPECT_THAT(data.notes, ElementsAre("left out, unreadable: 3"));
}

TEST_F(PackingTest, ImagesOfOneColourAreNoData) {
  write_image(tree_.root() / "anger/black.png", Image(30, 40));
  Image red(30, 40);
  mat_of(red) = cv::Scalar(250, 30, 20);
  write_image(tree_.root() / "anger/red.jpg", red);
  Image nearly(30, 40, 1);
  std::ranges::fill(nearly.pixels, std::uint8_t{100});
  nearly.pixels[20 * 30 + 20] = 103;
  write_image(tree_.root() / "fear/nearly.png", nearly);
  EXPECT_THAT(tree_.left_out_of("fedro"), HasSubstr("fear/nearly.png of one colour"));
  EXPECT_THAT(read({}).notes, ElementsAre("left out, of one colour: 3"));
}

TEST_F(PackingTest, CompanionsAreNoImagesAndOthersAreCounted) {
  tree_.text("neural/._nobody.png", "Mac");
  tree_.text("neural/.DS_Store", "Mac");
  tree_.text("neural/Thumbs.db", "Windows");
  tree_.text("happy/@eaDir/nobody.png", "storage");
  tree_.text("happy/film.mov", "film");
  tree_.text("happy/notes", "text");
  copy("head_yaw_40.png", "neural/without ending");
  const auto data = read({});
  EXPECT_EQ(data.samples.size(), 8u);
  EXPECT_EQ(named(data, "without ending").label, 0);
  EXPECT_THAT(data.notes, ElementsAre("skipped, no images: 1 without ending, 1 .mov"));
}

TEST_F(PackingTest, WhereNothingCanBeUsedThatIsAnError) {
  for (const char* folder : {"neural", "happy", "sad", "surprise", "fear", "disgust", "anger"})
    tree_.text(std::string(folder) + "/nobody.png", "no image");
  EXPECT_THAT(tree_.error_of("fedro"),
              testing::AllOf(HasSubstr("none of its 7 images can be used"), HasSubstr("neural/nobody.png")));
}

}  // namespace
}  // namespace regard

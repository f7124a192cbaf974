#include "lab/data/packed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>
#include <numeric>

#include "tests/support.h"

namespace regard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

class Packed : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    path_ = fs::temp_directory_path() / ("regard_packed_" + std::string(test->name()) + ".pack");
    samples_ = {{"a.png", "train", 1, {0, 1}},
                {"bb.png", "valid", 0, {.75f, .25f}},
                {"", "train", -1, {.5f, .5f}},
                {"d.png", "train", -1, {0, 0}}};
    chips_.resize(4 * 3 * 2 * 2);
    std::iota(chips_.begin(), chips_.end(), 0);
  }
  void TearDown() override { fs::remove(path_); }
  void write(int channels = 3) {
    write_packed(path_, "made", {"sad", "glad"}, "a test", channels, 2, samples_, chips_);
  }
  std::string write_error() {
    return test::error_of([&] { write(); });
  }
  /// Writes the same file again with one tensor or metadata entry changed, and opens it.
  std::string error_with(const std::function<void(std::map<std::string, std::string>&,
                                                  std::map<std::string, TensorView>&)>& change) {
    write();
    const auto file = TensorFile::open(path_);
    auto metadata = file.metadata();
    std::map<std::string, TensorView> tensors(file.tensors().begin(), file.tensors().end());
    change(metadata, tensors);
    const fs::path other = path_.string() + ".changed";
    write_tensor_file(other, metadata, tensors);
    try {
      PackedDataset::open(other);
    } catch (const Error& error) {
      fs::remove(other);
      return error.what();
    }
    fs::remove(other);
    return "";
  }

  fs::path path_;
  std::vector<Sample> samples_;
  std::vector<std::uint8_t> chips_;
};

TEST_F(Packed, GivesBackWhatWasWritten) {
  write();
  const auto set = PackedDataset::open(path_);
  EXPECT_EQ(set.dataset(), "made");
  EXPECT_THAT(set.labels(), ElementsAre("sad", "glad"));
  EXPECT_THAT(set.splits(), ElementsAre("train", "valid"));
  EXPECT_EQ(set.count(), 4);
  EXPECT_EQ(set.channels(), 3);
  EXPECT_EQ(set.size(), 2);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(set.name(i), samples_[i].name);
    EXPECT_EQ(set.label(i), samples_[i].label);
    EXPECT_THAT(set.soft_labels(i), testing::ElementsAreArray(samples_[i].soft_labels));
    EXPECT_EQ(set.chip(i)[0], 12 * i);
  }
  EXPECT_EQ(set.sha256().size(), 64u);
}

constexpr Landmarks kPlaces{{{.25f, .5f}, {.75f, .5f}, {.5f, .625f}, {.375f, .75f}, {1.5f, -.75f}}};

TEST_F(Packed, KeepsWhatIsKnownOfLandmarksAndPose) {
  write();
  const auto plain = PackedDataset::open(path_);
  EXPECT_FALSE(plain.landmarks(1) || plain.pose(1));
  EXPECT_FALSE(TensorFile::open(path_).has("landmarks") || TensorFile::open(path_).has("pose"));

  samples_[1].landmarks = kPlaces;
  samples_[2].pose = HeadPose{-40, 20, 5};
  write();
  const auto set = PackedDataset::open(path_);
  ASSERT_TRUE(set.landmarks(1) && set.pose(2));
  EXPECT_FALSE(set.landmarks(0) || set.landmarks(2) || set.pose(1) || set.pose(3));
  for (std::size_t i = 0; i < kPlaces.size(); ++i) {
    EXPECT_EQ((*set.landmarks(1))[i].x, kPlaces[i].x);
    EXPECT_EQ((*set.landmarks(1))[i].y, kPlaces[i].y);
  }
  EXPECT_FALSE(mean_landmarks(plain));
  EXPECT_EQ(mean_landmarks(set)->at(2).y, kPlaces[2].y);
  EXPECT_EQ(set.pose(2)->yaw, -40);
  EXPECT_EQ(set.pose(2)->pitch, 20);
  EXPECT_EQ(set.pose(2)->roll, 5);
}

TEST_F(Packed, TheMeanOfLandmarksIsOfThoseThatAreKnown) {
  samples_[0].landmarks = samples_[3].landmarks = kPlaces;
  for (Point& p : *samples_[3].landmarks) p = {p.x + .5f, p.y};
  write();
  const auto mean = mean_landmarks(PackedDataset::open(path_));
  EXPECT_FLOAT_EQ(mean->at(1).x, kPlaces[1].x + .25f);
  EXPECT_FLOAT_EQ(mean->at(1).y, kPlaces[1].y);
}

TEST_F(Packed, IsWrittenAgainFromItsOwnParts) {
  samples_[1].landmarks = kPlaces;
  samples_[2].pose = HeadPose{-40, 20, 5};
  write();
  const auto set = PackedDataset::open(path_);
  std::vector<Sample> samples;
  for (std::int64_t i = 0; i < set.count(); ++i) samples.push_back(set.sample(i));
  const fs::path again = path_.string() + ".again";
  write_packed(again, set.dataset(), set.labels(), set.source(), set.channels(), set.size(), samples,
               set.chips());
  EXPECT_EQ(PackedDataset::open(again).sha256(), set.sha256());
  fs::remove(again);
}

TEST_F(Packed, LandmarksAndPosesThatAreNoneAreNotWritten) {
  samples_[0].landmarks = kPlaces;
  (*samples_[0].landmarks)[3].y = std::nanf("");
  EXPECT_THAT(write_error(), HasSubstr("a.png: landmark is out of range"));
  samples_[0].landmarks = {};
  samples_[0].pose = HeadPose{0, 400, 0};
  EXPECT_THAT(write_error(), HasSubstr("a.png: head pose is out of range"));
}

TEST_F(Packed, ListsASplitsImages) {
  write();
  const auto set = PackedDataset::open(path_);
  EXPECT_THAT(set.indices("train", true), ElementsAre(0));
  EXPECT_THAT(set.indices("train", false), ElementsAre(0, 2));
  EXPECT_THAT(set.indices("valid", true), ElementsAre(1));
  EXPECT_THAT(test::error_of([&] { set.indices("test", true); }),
              HasSubstr("no such split; expected train, valid, got test"));
}

TEST_F(Packed, ImagesAreInterleavedRgb) {
  write();
  const auto image = PackedDataset::open(path_).image(1);
  EXPECT_THAT(image.pixels, ElementsAre(12, 16, 20, 13, 17, 21, 14, 18, 22, 15, 19, 23));
  chips_.resize(16);
  write(1);
  EXPECT_THAT(PackedDataset::open(path_).image(1).pixels, ElementsAre(4, 4, 4, 5, 5, 5, 6, 6, 6, 7, 7, 7));
}

TEST_F(Packed, PixelsOfAnotherSizeAreNotWritten) {
  chips_.pop_back();
  EXPECT_THAT(write_error(), HasSubstr("chips"));
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(Packed, SamplesThatDoNotFitTheLabelsAreNotWritten) {
  samples_[1].label = 2;
  EXPECT_THAT(write_error(), HasSubstr("bb.png: sample does not fit the labels; expected 2 classes"));
  samples_[1].label = 1;
  samples_[1].soft_labels = {1};
  EXPECT_THAT(write_error(), HasSubstr("bb.png: sample does not fit the labels; expected 2 classes"));
}

TEST_F(Packed, PartsThatDoNotFitTogetherAreErrors) {
  EXPECT_EQ(error_with([](auto&, auto&) {}), "");
  EXPECT_THAT(error_with([](auto&, auto& tensors) {
                tensors.at("soft_labels").shape = {2, 4};
              }),
              HasSubstr("soft_labels"));
  EXPECT_THAT(error_with([](auto&, auto& tensors) {
                tensors.at("chips").shape = {4, 3, 4, 1};
              }),
              HasSubstr("images have the wrong shape"));
  EXPECT_THAT(error_with([](auto& metadata, auto&) { metadata.erase("dataset"); }), HasSubstr("dataset"));
  EXPECT_THAT(error_with([](auto& metadata, auto&) { metadata["labels"] = "{"; }), HasSubstr("labels"));
  EXPECT_THAT(error_with([](auto& metadata, auto&) { metadata["splits"] = "[\"train\"]"; }),
              HasSubstr("splits[1]"));
}

TEST_F(Packed, ValuesOutOfRangeAreErrors) {
  const std::array<std::int8_t, 4> labels{1, 0, -1, 2};
  EXPECT_THAT(error_with([&](auto&, auto& t) { t.at("labels").bytes = std::as_bytes(std::span(labels)); }),
              HasSubstr("labels[3]"));
  const std::array<std::int64_t, 4> ends{5, 4, 11, 16};
  EXPECT_THAT(error_with([&](auto&, auto& t) { t.at("name_ends").bytes = std::as_bytes(std::span(ends)); }),
              HasSubstr("name_ends[1]"));
  const std::array<float, 8> soft_labels{0, 1, std::nanf(""), 0, 0, 0, 0, 0};
  EXPECT_THAT(
      error_with([&](auto&, auto& t) { t.at("soft_labels").bytes = std::as_bytes(std::span(soft_labels)); }),
      HasSubstr("soft_labels[2]"));
}

TEST_F(Packed, HalfKnownLandmarksAndPosesAreErrors) {
  std::array<float, 12> poses{};
  const auto error = [&] {
    return error_with([&](auto&, auto& t) {
      t["pose"] = {DType::f32, {4, 3}, std::as_bytes(std::span(poses))};
    });
  };
  EXPECT_EQ(error(), "");
  poses[4] = std::nanf("");
  EXPECT_THAT(error(), HasSubstr("pose[4]"));
  poses[4] = 181;
  EXPECT_THAT(error(), HasSubstr("pose[4]"));
  EXPECT_THAT(error_with([&](auto&, auto& t) {
                t["landmarks"] = {DType::f32, {4, 3}, std::as_bytes(std::span(poses))};
              }),
              HasSubstr("[4, 5, 2]"));
}

}  // namespace
}  // namespace regard

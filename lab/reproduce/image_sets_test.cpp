#include "lab/reproduce/image_sets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lab/datasets/dataset_test.h"
#include "lab/reproduce/columns.h"
#include "regard/core/file.h"
#include "tests/support.h"

namespace regard {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

/// RAF-DB's folders of labels, and packed sets of made images.
class Images : public testing::Test {
 protected:
  Images() {
    for (const std::string split : {"train", "test"})
      for (int label = 1; label <= 7; ++label)
        tree_.image(split + "/" + std::to_string(label) + "/" + split + std::to_string(label) + ".png", 100,
                    100, cv::Scalar::all(20 * label), 40);
    for (const auto* name : {"ferplus", "affectnet", "rafdb"})
      write_made_images(name, folder_ / (name + std::string(".pack")), 1);
  }
  ImageSource source(const std::map<std::string, DataAtHand>& data) {
    ImageSource::Options options;
    options.folder = folder_ / "packs";
    options.data = data;
    options.split = split_;
    return ImageSource(options);
  }
  DataAtHand packed(const std::string& name) { return {folder_ / (name + ".pack"), "", {}}; }
  fs::path list(const std::string& name, const std::string& text) {
    write_text_atomically(folder_ / name, text);
    return folder_ / name;
  }
  static std::string why(const std::function<void()>& what) {
    try {
      what();
    } catch (const Unavailable& reason) {
      return reason.what();
    }
    return "";
  }

  test::TemporaryFolder folder_;
  test::DatasetTree tree_;
  std::string split_;
};

ColumnImages find(ImageSource& images, const ImagesKey& key, const std::string& name) {
  const auto& column = find_column(name, "");
  return column.find(images, key, column);
}

TEST_F(Images, APackHasTheSizeThatTheRecipeWants) {
  auto images = source({{"rafdb", {tree_.root(), "", {}}}});
  for (const int size : {112, 224}) {
    const auto set = images.load({.dataset = "rafdb", .split = "test", .size = size}, false);
    EXPECT_EQ(set->size, size);
    EXPECT_EQ(set->set.chips.front().width, size);
    EXPECT_THAT(set->notes, testing::Contains(HasSubstr("10 % of the training part are held out")));
  }
}

TEST_F(Images, EverySetHasItsOwnSplitAndLists) {
  auto images = source(
      {{"ferplus", {folder_ / "ferplus.pack", "", {{"pose30", list("one.txt", "made40\nmade41\n")}}}},
       {"affectnet", {folder_ / "affectnet.pack", "valid", {{"pose30", list("two.txt", "made30\n")}}}}});
  EXPECT_EQ(images.split_of({.dataset = "ferplus", .split = "test"}), "test");
  EXPECT_EQ(images.split_of({.dataset = "affectnet", .split = "test"}), "valid");
  EXPECT_EQ(find(images, {.dataset = "ferplus", .split = "test"}, "pose30").rows.size(), 2u);
  const auto other = find(images, {.dataset = "affectnet", .split = "test"}, "pose30");
  EXPECT_EQ(other.rows.size(), 1u);
  EXPECT_EQ(other.words, "list two.txt");
}

TEST_F(Images, ThePapersSplitIsMeasuredWhereItIsAtHand) {
  const auto valid_only = folder_ / "valid.pack";
  write_packed(valid_only, "sfew", {"neutral"}, "", 1, 4, {{"a", "train", 0, {1}}, {"b", "valid", 0, {1}}},
               std::vector<std::uint8_t>(32));
  auto images = source({{"sfew", {valid_only, "", {}}}});
  EXPECT_EQ(images.split_of({.dataset = "sfew", .split = "test"}), "valid");
  split_ = "test";
  auto asked = source({{"sfew", {valid_only, "", {}}}});
  EXPECT_THAT(why([&] { asked.load({.dataset = "sfew", .split = "valid"}, false); }),
              HasSubstr("sfew has no part 'test' at hand"));
}

/// Made heads are turned by 0, 20, 40 and 60 degrees in turn: of 12 images, the 4 that make 37 % hold the 3
/// of 60.
TEST_F(Images, TheShareThatIsTurnedFurthest) {
  auto images = source({{"ferplus", packed("ferplus")}});
  const ImagesKey key{.dataset = "ferplus", .split = "test"};
  const auto part = find(images, key, "large_pose37");
  ASSERT_EQ(part.rows.size(), 4u);
  EXPECT_THAT(part.words, HasSubstr("37 % with the largest |yaw| or |pitch| (40 degrees and more)"));
  EXPECT_EQ(find(images, key, "large_pose20").rows.size(), 2u);
  EXPECT_EQ(find(images, key, "pose30").rows.size(), 6u);
  EXPECT_EQ(find(images, key, "pose45").rows.size(), 3u);
}

TEST_F(Images, TypesOfOcclusionAreThoseOfTheList) {
  auto images =
      source({{"ferplus",
               {folder_ / "ferplus.pack",
                "",
                {{"occlusion", list("o.txt", "0_made36.png 8 0\n0_made37.png 8 3\n0_made37.png 8 3\n")}}}}});
  const ImagesKey key{.dataset = "ferplus", .split = "test"};
  EXPECT_EQ(find(images, key, "upper").rows.size(), 1u);
  EXPECT_EQ(find(images, key, "occlusion").words, "list o.txt, 1 of its lines repeat an image");
  EXPECT_THAT(why([&] { find(images, key, "bottom"); }), HasSubstr("no image of this type"));
}

TEST_F(Images, SetsAreMergedWhereARowTrainsOnBoth) {
  auto images = source({{"rafdb", packed("rafdb")}, {"affectnet", packed("affectnet")}});
  const auto merged = PackedDataset::open(images.pack({.dataset = "rafdb+affectnet", .split = "test"}));
  EXPECT_EQ(merged.count(), 96);
  EXPECT_EQ(merged.labels().size(), 8u);
}

TEST_F(Images, WhatIsNotAtHandSaysHowToGiveIt) {
  auto images = source({{"ferplus", packed("ferplus")}});
  EXPECT_THAT(why([&] { images.pack({.dataset = "sfew"}); }), HasSubstr("--data sfew=DIR"));
  EXPECT_THAT(why([&] { images.pack({.dataset = "ferplus", .aligned = true}); }),
              HasSubstr("--data ferplus-aligned=PACK"));
  EXPECT_THAT(why([&] { images.pack({.dataset = "ferplus", .folds = 10, .fold = 3}); }),
              HasSubstr("--data ferplus-fold3=PACK"));
  EXPECT_THAT(test::error_of([] { find_column("pose60", "a flag"); }),
              HasSubstr("a flag: unknown column; expected all, occlusion"));
}

}  // namespace
}  // namespace regard

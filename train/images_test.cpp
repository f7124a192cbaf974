#include "train/images.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "regard/core/file.h"
#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Images 0 to 5 of "train", of which 5 has no majority label, and 6 to 8 of "valid"; image i in fold i % 3.
class Images : public testing::Test {
 protected:
  Images() {
    std::vector<Sample> samples;
    std::string folds;
    for (int i = 0; i < 9; ++i) {
      const auto name = std::to_string(i) + ".png";
      samples.push_back({name, i < 6 ? "train" : "valid", i == 5 ? -1 : i % 2, {.5f, .5f}});
      folds += name + "," + std::to_string(i % 3) + "\n";
    }
    write_packed(folder_ / "data.pack", "made", {"a", "b"}, "made", 1, 1, samples,
                 std::vector<std::uint8_t>(9));
    data_ = PackedDataset::open(folder_ / "data.pack");
    write_text_atomically(folder_ / "folds.csv", folds);
    recipe_.name = "r";
  }
  void hold_out(int fold) {
    recipe_.train_on = {"train", "valid"};
    recipe_.validate_on = kHeldOut;
    recipe_.folds = (folder_ / "folds.csv").string();
    recipe_.held_out_fold = fold;
  }
  std::string error() {
    return error_of([&] { training_images(recipe_, data_); });
  }

  test::TemporaryFolder folder_;
  PackedDataset data_;
  Recipe recipe_;
};

TEST_F(Images, AreThoseOfTrainAndValid) {
  const auto images = training_images(recipe_, data_);
  EXPECT_THAT(images.train, ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(images.valid, ElementsAre(6, 7, 8));
  EXPECT_EQ(images.about, (Json{{"train_on", {"train"}}, {"validate_on", "valid"}}));
  recipe_.supervision = "majority";
  EXPECT_THAT(training_images(recipe_, data_).train, ElementsAre(0, 1, 2, 3, 4));
}

TEST_F(Images, AreAllWhereARecipeDoesNotValidate) {
  recipe_.train_on = {"train", "valid"};
  recipe_.validate_on = "";
  const auto images = training_images(recipe_, data_);
  EXPECT_EQ(images.train.size(), 9u);
  EXPECT_THAT(images.valid, IsEmpty());
}

TEST_F(Images, OfAFoldAreHeldOut) {
  hold_out(2);
  const auto images = training_images(recipe_, data_);
  EXPECT_THAT(images.train, ElementsAre(0, 1, 3, 4, 6, 7));
  EXPECT_THAT(images.valid, ElementsAre(2, 8)) << "5 has no majority label";
  const auto& held_out = images.about.at("held_out");
  EXPECT_EQ(held_out.at("folds"), "folds.csv");
  EXPECT_EQ(held_out.at("fold"), 2);
  EXPECT_EQ(held_out.at("images"), 3);
  EXPECT_EQ(held_out.at("sha256"), sha256(map_file(folder_ / "folds.csv").bytes));
}

TEST_F(Images, EveryImageIsInOneFold) {
  std::vector<std::int64_t> all;
  for (int fold = 0; fold < 3; ++fold) {
    hold_out(fold);
    const auto images = training_images(recipe_, data_);
    all.insert(all.end(), images.valid.begin(), images.valid.end());
  }
  EXPECT_THAT(all, testing::UnorderedElementsAre(0, 1, 2, 3, 4, 6, 7, 8));
}

TEST_F(Images, WhatIsNotThereIsAnError) {
  recipe_.validate_on = "test";
  EXPECT_THAT(error(), AllOf(HasSubstr("validate_on"), HasSubstr("train, valid, or nothing")));
  recipe_.train_on = {"training"};
  EXPECT_THAT(error(), AllOf(HasSubstr("train_on"), HasSubstr("got training")));
  hold_out(3);
  EXPECT_THAT(error(), AllOf(HasSubstr("no such fold"), HasSubstr("0 to 2, got 3")));
  write_text_atomically(folder_ / "folds.csv", "0.png,0\n1.png,4\n");
  EXPECT_THAT(error(), AllOf(HasSubstr("no fold"), HasSubstr("2.png")));
}

TEST_F(Images, ASetWithoutAValidationPartSaysHowToDoWithoutOne) {
  std::vector<Sample> samples{{"a", "train", 0, {1, 0}}};
  write_packed(folder_ / "all.pack", "made", {"a", "b"}, "made", 1, 1, samples, std::vector<std::uint8_t>(1));
  data_ = PackedDataset::open(folder_ / "all.pack");
  EXPECT_THAT(error(), AllOf(HasSubstr("validate_on"), HasSubstr("or nothing, to validate on none")));
  recipe_.validate_on = "";
  EXPECT_EQ(error(), "");
}

}  // namespace
}  // namespace regard

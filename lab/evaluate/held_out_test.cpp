#include "lab/evaluate/held_out.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "lab/data/packed.h"
#include "regard/core/error.h"
#include "regard/core/file.h"
#include "tests/support.h"

namespace regard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

/// A packed set of five images, three of them in fold 1, one of which has no majority label.
class HeldOut : public testing::Test {
 protected:
  void SetUp() override {
    write_packed(dir_ / "a.pack", "ferplus", {"calm", "glad"}, "", 1, 1,
                 {{"v", "train", 0, {1, 0}},
                  {"w", "train", 1, {0, 1}},
                  {"x", "valid", 1, {0, 1}},
                  {"y", "valid", -1, {.5f, .5f}},
                  {"z", "test", 0, {1, 0}}},
                 std::vector<std::uint8_t>{1, 2, 3, 4, 5});
    std::ofstream(dir_ / "folds.csv") << "v,0\nw,1\nx,1\ny,1\n";
    model_.name = "a-model";
    model_.data = {{"train_on", {"train", "valid"}}};
    model_.data["held_out"] = {{"folds", "folds.csv"}, {"fold", 1}, {"sha256", sha256_of("folds.csv")}};
  }
  std::string sha256_of(const char* name) {
    const auto text = read_text(dir_ / name);
    return sha256(std::as_bytes(std::span(text)));
  }
  EvaluationSet load(const char* folds) { return load_held_out(model_, dir_ / folds, "", dir_ / "a.pack"); }

  const test::TemporaryFolder dir_;
  Model model_;
};

TEST_F(HeldOut, ImagesOfTheFoldComeFromAllSplitsOfTheTraining) {
  const auto set = load("folds.csv");
  EXPECT_THAT(set.names, ElementsAre("w", "x"));
  EXPECT_THAT(set.truth, ElementsAre(1, 1));
  EXPECT_EQ(set.chips[1].pixels, (std::vector<std::uint8_t>{3}));
  EXPECT_EQ(set.dataset, "ferplus");
  EXPECT_EQ(set.split, "fold 1 of folds.csv");
  EXPECT_THAT(set.labels, ElementsAre("calm", "glad"));
}

TEST_F(HeldOut, AnotherListOfFoldsIsRefused) {
  std::ofstream(dir_ / "others.csv") << "v,1\nw,0\nx,0\ny,0\n";
  EXPECT_THAT([&] { load("others.csv"); },
              ThrowsMessage<Error>(HasSubstr("not the one that the model was trained with")));
}

TEST_F(HeldOut, AModelTrainedOnEverythingIsRefused) {
  model_.data.erase("held_out");
  EXPECT_THAT([&] { load("folds.csv"); }, ThrowsMessage<Error>(HasSubstr("held out no fold")));
}

TEST_F(HeldOut, AFoldWithoutLabelledImagesIsRefused) {
  std::ofstream(dir_ / "folds.csv") << "v,0\nw,0\nx,0\ny,1\n";
  model_.data["held_out"]["sha256"] = sha256_of("folds.csv");
  EXPECT_THAT([&] { load("folds.csv"); }, ThrowsMessage<Error>(HasSubstr("no image with a majority label")));
}

}  // namespace
}  // namespace regard

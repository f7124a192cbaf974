#include "lab/datasets/folds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "lab/datasets/dataset_test.h"

namespace regard {
namespace {

using testing::HasSubstr;

/// Three pictures each of so many people.
std::vector<Picture> pictures_of(int people) {
  std::vector<Picture> pictures(static_cast<std::size_t>(3 * people));
  for (std::size_t i = 0; i < pictures.size(); ++i) pictures[i].subject = "p" + std::to_string(i / 3);
  return pictures;
}

/// The people of each part.
std::map<std::string, std::set<std::string>> people_of(const std::vector<Picture>& pictures) {
  std::map<std::string, std::set<std::string>> parts;
  for (const auto& picture : pictures) parts[picture.sample.split].insert(picture.subject);
  return parts;
}

TEST(Folds, NobodyIsInTwoPartsAndEverybodyIsTestedOnce) {
  std::multiset<std::string> tested;
  for (int fold = 0; fold < 5; ++fold) {
    auto pictures = pictures_of(23);
    split_by_people(pictures, {.folds = 5, .fold = fold}, .1);
    const auto parts = people_of(pictures);
    EXPECT_EQ(parts.at("test").size() + parts.at("valid").size() + parts.at("train").size(), 23u);
    EXPECT_GE(parts.at("test").size(), 4u);
    EXPECT_LE(parts.at("test").size(), 5u);
    EXPECT_EQ(parts.at("valid").size(), 2u);  // a tenth of 18 or 19, rounded up
    tested.insert(parts.at("test").begin(), parts.at("test").end());
  }
  EXPECT_EQ(tested.size(), 23u);
  EXPECT_EQ(std::set(tested.begin(), tested.end()).size(), 23u);
}

TEST(Folds, SeedAndNamesDecideAlone) {
  auto a = pictures_of(20), b = pictures_of(20), other = pictures_of(20);
  std::reverse(b.begin(), b.end());
  split_by_people(a, {}, .1);
  split_by_people(b, {}, .1);
  split_by_people(other, {.seed = 2}, .1);
  EXPECT_EQ(people_of(a), people_of(b));
  EXPECT_NE(people_of(a), people_of(other));
}

TEST(Folds, RefusesWhatCannotBe) {
  const auto error = [](const FoldOptions& options, double share = .1) {
    return test::error_of([&] {
      auto pictures = pictures_of(4);
      split_by_people(pictures, options, share);
    });
  };
  EXPECT_THAT(error({.folds = 5}), HasSubstr("2 to 4"));
  EXPECT_THAT(error({.folds = 1}), HasSubstr("2 to 4"));
  EXPECT_THAT(error({.folds = 2, .fold = 2}), HasSubstr("0 to 1"));
  EXPECT_THAT(error({.folds = 2}, .9), HasSubstr("nobody is left"));
  EXPECT_EQ(error({.folds = 2}, 0), "");
}

}  // namespace
}  // namespace regard

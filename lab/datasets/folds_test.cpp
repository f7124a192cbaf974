#include "lab/datasets/folds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "lab/datasets/dataset_test.h"

namespace regard {
namespace {

using testing::HasSubstr;

/// Three images each of so many people.
std::vector<SourceImage> images_of(int people) {
  std::vector<SourceImage> images(static_cast<std::size_t>(3 * people));
  for (std::size_t i = 0; i < images.size(); ++i) images[i].subject = "p" + std::to_string(i / 3);
  return images;
}

/// The people of each part.
std::map<std::string, std::set<std::string>> people_of(const std::vector<SourceImage>& images) {
  std::map<std::string, std::set<std::string>> parts;
  for (const auto& image : images) parts[image.sample.split].insert(image.subject);
  return parts;
}

TEST(Folds, NobodyIsInTwoPartsAndEverybodyIsTestedOnce) {
  std::multiset<std::string> tested;
  for (int fold = 0; fold < 5; ++fold) {
    auto images = images_of(23);
    split_by_people(images, {.folds = 5, .fold = fold}, .1);
    const auto parts = people_of(images);
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
  auto a = images_of(20), b = images_of(20), other = images_of(20);
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
      auto images = images_of(4);
      split_by_people(images, options, share);
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

#include "lab/datasets/occluded_split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "lab/datasets/lists.h"
#include "regard/core/error.h"
#include "tests/support.h"

namespace regard {
namespace {

class OccludedSplit : public testing::Test {
 protected:
  static constexpr int kSize = 48, kImages = 24;

  OccludedSplit() {
    std::vector<Sample> samples;
    for (int i = 0; i < kImages + 2; ++i) {
      const bool valid = i < kImages;
      samples.push_back({"fer" + std::to_string(i) + ".png",
                         valid ? "valid" : "train",
                         i % 6 == 5 ? -1 : i % 2,
                         {.5f, .5f}});
    }
    const std::vector<std::uint8_t> chips(samples.size() * kSize * kSize, 120);
    write_packed(whole_, "ferplus", {"a", "b"}, "made", 1, kSize, samples, chips);
  }

  PackedDataset occluded(std::uint64_t seed, const char* name = "occluded") {
    write_occluded(PackedDataset::open(whole_), "valid", seed, folder_ / name, list_);
    return PackedDataset::open(folder_ / name);
  }

  const test::TemporaryFolder temporary_;
  const std::filesystem::path folder_ = temporary_.path();
  const std::filesystem::path whole_ = folder_ / "whole", list_ = folder_ / "list.txt";
};

TEST_F(OccludedSplit, EveryImageIsOccludedAndElseAsItWas) {
  const auto whole = PackedDataset::open(whole_), set = occluded(1);
  ASSERT_EQ(set.count(), kImages);
  EXPECT_EQ(set.splits(), std::vector<std::string>{"valid"});
  for (int i = 0; i < kImages; ++i) {
    EXPECT_EQ(set.name(i), whole.name(i));
    EXPECT_EQ(set.label(i), whole.label(i));
    int changed = 0;
    for (int p = 0; p < kSize * kSize; ++p) changed += set.chip(i)[p] != whole.chip(i)[p];
    EXPECT_GT(changed, kSize * kSize / 12) << i;
  }
}

TEST_F(OccludedSplit, TheListCountsEachKindAlike) {
  const auto set = occluded(1);
  const auto list = read_list(list_);
  std::vector<std::string> names;
  for (int i = 0; i < set.count(); ++i) names.push_back(set.name(i));
  const auto match = match_list(list, names, "list");
  EXPECT_EQ(match.absent, 0);
  EXPECT_EQ(list.size(), 20);  // each sixth has no majority label
  EXPECT_EQ(list[0].name, "0_fer0");
  std::map<std::string, int> counts;
  for (const auto& type : match.types) ++counts[type];
  const std::map<std::string, int> expected{
      {"upper", 5}, {"bottom", 5}, {"left-right", 5}, {"glasses-mask", 5}};
  EXPECT_EQ(counts, expected);
}

TEST_F(OccludedSplit, IsAFunctionOfTheSeed) {
  const auto a = occluded(1, "a"), b = occluded(1, "b"), c = occluded(2, "c");
  EXPECT_EQ(a.sha256(), b.sha256());
  EXPECT_NE(a.sha256(), c.sha256());
}

TEST_F(OccludedSplit, WantsASplitThatIsThere) {
  EXPECT_THAT(
      test::error_of([&] { write_occluded(PackedDataset::open(whole_), "test", 1, folder_ / "x", list_); }),
      testing::HasSubstr("data set has no such split"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "x") || std::filesystem::exists(list_));
}

}  // namespace
}  // namespace regard

#include "lab/datasets/merging.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lab/datasets/dataset.h"
#include "tests/support.h"

namespace regard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Merging : public testing::Test {
 protected:
  std::filesystem::path pack(const std::string& dataset, const std::vector<std::string>& labels, int channels,
                             int size, std::uint8_t value) {
    std::vector<Sample> samples;
    for (std::size_t i = 0; i < labels.size(); ++i)
      samples.push_back({"a" + std::to_string(i) + ".jpg", i == 0 ? "train" : "test", static_cast<int>(i),
                         one_hot(static_cast<int>(i), labels.size())});
    const std::vector<std::uint8_t> chips(samples.size() * static_cast<std::size_t>(channels * size * size),
                                          value);
    const auto file = folder_ / (dataset + ".pack");
    write_packed(file, dataset, labels, "set " + dataset, channels, size, samples, chips, {"a note"});
    return file;
  }
  std::string error_of(const std::vector<std::filesystem::path>& packs) {
    return test::error_of([&] { merge_packed(packs, folder_ / "out.pack"); });
  }
  test::TemporaryFolder folder_;
};

TEST_F(Merging, LabelsAreMatchedByName) {
  const auto first = pack("rafdb", {"surprise", "neutral"}, 3, 4, 10);
  const auto second = pack("affectnet", {"neutral", "contempt", "surprise"}, 1, 4, 20);
  const std::vector<std::filesystem::path> both{first, second};
  merge_packed(both, folder_ / "out.pack");
  const auto merged = PackedDataset::open(folder_ / "out.pack");
  EXPECT_EQ(merged.dataset(), "rafdb+affectnet");
  EXPECT_THAT(merged.labels(), ElementsAre("surprise", "neutral", "contempt"));
  ASSERT_EQ(merged.count(), 5);
  std::vector<std::string> labels, names;
  for (std::int64_t i = 0; i < merged.count(); ++i) {
    labels.push_back(merged.labels()[static_cast<std::size_t>(merged.label(i))]);
    names.push_back(merged.name(i));
    EXPECT_EQ(merged.soft_labels(i)[static_cast<std::size_t>(merged.label(i))], 1.f);
    EXPECT_THAT(merged.chip(i), testing::Each(i < 2 ? 10 : 20));
  }
  EXPECT_THAT(labels, ElementsAre("surprise", "neutral", "neutral", "contempt", "surprise"));
  EXPECT_THAT(names, ElementsAre("rafdb/a0.jpg", "rafdb/a1.jpg", "affectnet/a0.jpg", "affectnet/a1.jpg",
                                 "affectnet/a2.jpg"));
  EXPECT_EQ(merged.channels(), 3);
  EXPECT_EQ(merged.indices("train", true).size(), 2u);
  EXPECT_THAT(merged.notes(), ElementsAre("rafdb: a note", "affectnet: a note"));
}

TEST_F(Merging, WhatDoesNotFitIsAnError) {
  const auto one = pack("rafdb", {"neutral"}, 3, 4, 0), other = pack("sfew", {"neutral"}, 3, 5, 0);
  EXPECT_THAT(error_of({one}), HasSubstr("too few data sets to merge; expected two or more, got 1"));
  EXPECT_THAT(error_of({one, other}),
              HasSubstr("sfew.pack: chips have another size than the first set's; expected 4 pixels, got 5"));
  EXPECT_THAT(error_of({one, one}), HasSubstr("data set is there twice; got rafdb"));
}

}  // namespace
}  // namespace regard

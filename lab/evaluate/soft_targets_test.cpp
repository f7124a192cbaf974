#include "lab/evaluate/soft_targets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "regard/core/labels.h"
#include "tests/run_graph.h"
#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using testing::HasSubstr;

constexpr int kSize = 24, kImages = 5;

std::vector<std::string> ferplus_labels() {
  return {kFerplusLabels.begin(), kFerplusLabels.end()};
}

/// Four images to train on, of which the second has no soft labels, and one of the validation part.
class SoftTargets : public testing::Test {
 protected:
  SoftTargets() {
    std::vector<Sample> samples;
    for (int i = 0; i < kImages; ++i) {
      std::vector<float> soft_labels(8);
      if (i != 1) soft_labels[i] = .75f, soft_labels[7] = .25f;
      samples.push_back(
          {std::to_string(i) + ".png", i < 4 ? "train" : "valid", i == 1 ? -1 : i, soft_labels});
    }
    std::vector<std::uint8_t> chips(kImages * kSize * kSize);
    for (std::size_t i = 0; i < chips.size(); ++i) chips[i] = static_cast<std::uint8_t>(i * i / 7);
    write_packed(folder_ / "whole", "ferplus", ferplus_labels(), "made", 1, kSize, samples, chips);
  }

  PackedDataset whole() const { return PackedDataset::open(folder_ / "whole"); }

  PackedDataset distilled(const std::vector<Model>& teachers, float share) const {
    write_soft_targets(whole(), teachers, {}, share, folder_ / "distilled");
    return PackedDataset::open(folder_ / "distilled");
  }

  const test::TemporaryFolder folder_;
};

TEST_F(SoftTargets, SoftLabelsAreMixedWithTheTeachersMean) {
  const std::vector<Model> teachers{test::random_model(kSize),
                                    test::random_model(kSize, R"({"input_size": 32})")};
  const auto before = whole(), after = distilled(teachers, .4f);
  const Engine first(teachers[0]), second(teachers[1]);
  for (const int i : {0, 2, 3}) {
    const auto chip = before.image(i);
    const std::vector<ImageView> one{chip};
    const auto a = first.predict(one).probabilities, b = second.predict(one).probabilities;
    for (int c = 0; c < 8; ++c)
      EXPECT_NEAR(after.soft_labels(i)[c], .6f * before.soft_labels(i)[c] + .2f * (a[c] + b[c]), 1e-5)
          << i << ' ' << c;
    EXPECT_GT(std::abs(a[0] - b[0]) + std::abs(a[1] - b[1]), 1e-3) << "both teachers say the same";
  }
}

TEST_F(SoftTargets, AllElseStaysAsItIs) {
  const auto before = whole(), after = distilled({test::random_model(kSize)}, 1);
  EXPECT_THAT(after.source(), HasSubstr("made, the training part's soft labels mixed with what random said"));
  EXPECT_TRUE(std::ranges::equal(after.chips(), before.chips()));
  for (int i = 0; i < kImages; ++i) {
    EXPECT_EQ(after.name(i), before.name(i));
    EXPECT_EQ(after.label(i), before.label(i));
    if (i == 1 || i == 4) {
      EXPECT_TRUE(std::ranges::equal(after.soft_labels(i), before.soft_labels(i))) << i;
    }
  }
}

TEST_F(SoftTargets, WhatDoesNotFitIsAnError) {
  auto other = test::random_model(kSize);
  other.labels[0] = "calm";
  EXPECT_THAT(error_of([&] { distilled({other}, .5f); }), HasSubstr("other labels"));
  EXPECT_THAT(error_of([&] { distilled({test::random_model(32)}, .5f); }), HasSubstr("another size"));
  EXPECT_THAT(error_of([&] { distilled({test::random_model(kSize)}, 1.5f); }), HasSubstr("0 to 1"));
  EXPECT_THAT(error_of([&] { distilled({}, .5f); }), HasSubstr("no teacher"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "distilled"));
}

}  // namespace
}  // namespace regard

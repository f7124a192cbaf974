#include "lab/quantize/calibration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "regard/core/labels.h"
#include "regard/engine/engine.h"
#include "tests/run_graph.h"
#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using testing::HasSubstr;

constexpr int kSize = 32, kImages = 12;

/// Images that vary slowly, all of the training part.
class Calibration : public testing::Test {
 protected:
  Calibration() {
    std::vector<Sample> samples;
    for (int i = 0; i < kImages; ++i)
      samples.push_back({std::to_string(i) + ".png", "train", 0, {1, 0, 0, 0, 0, 0, 0, 0}});
    std::vector<std::uint8_t> chips(kImages * kSize * kSize);
    for (std::size_t i = 0; i < chips.size(); ++i)
      chips[i] = static_cast<std::uint8_t>(i / 5 % (13 + i / (kSize * kSize)) * 12);
    write_packed(folder_ / "pack", "made", {kFerplusLabels.begin(), kFerplusLabels.end()}, "made", 1, kSize,
                 samples, chips);
  }

  PackedDataset set() const { return PackedDataset::open(folder_ / "pack"); }

  const test::TemporaryFolder folder_;
};

TEST_F(Calibration, MeasuresEveryConvolution) {
  auto model = test::random_model(kSize);
  model.network.temperature = .75f;
  std::size_t done = 0;
  const auto found = calibrate(model, set(), "train", {.images = 10, .threads = 1},
                               [&](std::size_t count) { done = count; });
  EXPECT_EQ(done, 10u);
  EXPECT_EQ(found.layers.size(), 27u);
  EXPECT_EQ(found.temperature, .75f);
  EXPECT_EQ(found.data["count"], 10);
  EXPECT_EQ(found.data["name"], "made");
  EXPECT_TRUE(found.layers.contains("conv1"));
  const auto& inner = found.layers.at("conv_pw_3");
  EXPECT_EQ(inner.low, 0) << "after ReLU6";
  EXPECT_GT(inner.high, 0);
  EXPECT_LE(inner.high, 6);
  EXPECT_EQ(inner.bias.size(), 128u);
}

TEST_F(Calibration, IntegersSayNearlyWhatFloatsSay) {
  auto model = test::random_model(kSize);
  model.quantization = calibrate(model, set(), "train", {.threads = 1});
  std::vector<Image> images;
  for (int i = 0; i < kImages; ++i) images.push_back(set().image(i));
  const std::vector<ImageView> chips(images.begin(), images.end());
  const auto exact = Engine(model).predict(chips).logits;
  const auto rounded = Engine(model, {.precision = "int8"}).predict(chips).logits;
  double error = 0, size = 0;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    error += std::pow(exact[i] - rounded[i], 2);
    size += std::pow(exact[i], 2);
  }
  EXPECT_LT(error, .02 * size);
  EXPECT_GT(error, 0);
}

TEST_F(Calibration, SaysWhatDoesNotFit) {
  const auto model = test::random_model(kSize);
  EXPECT_THAT(error_of([&] { calibrate(model, set(), "train", {.images = 0}); }),
              HasSubstr("images: number is out of range; expected 1 or more, got 0"));
  EXPECT_THAT(error_of([&] { calibrate(test::random_model(48), set(), "train", {}); }),
              HasSubstr("images have another size than the model's chips; expected 48, got 32"));
  EXPECT_THAT(error_of([&] { calibrate(model, set(), "valid", {}); }), HasSubstr("valid"));
}

}  // namespace
}  // namespace regard

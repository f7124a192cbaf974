#include "regard/engine/appearance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "regard/face/alignment.h"
#include "regard/image/decode.h"
#include "regard/model/tensor_file.h"
#include "regard/pipeline/model_files.h"
#include "tests/network_cases.h"
#include "tests/run_graph.h"
#include "tests/support.h"

namespace regard {
namespace {

using namespace test;

constexpr int kSide = 32;

TensorView view_of(const std::vector<float>& values, Shape shape) {
  return {DType::f32, std::move(shape), std::as_bytes(std::span(values))};
}

double cosine(const std::vector<float>& a, const std::vector<float>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.);
}

/// A file that projects the layer of `model` on its first two channels.
std::filesystem::path write_projection(const TemporaryFolder& folder, const Model& model) {
  const auto& layer = model.weights.at("conv_pw_7_bn.running_mean").values;
  std::vector<float> mean(512, .25f), rows(2 * 512);
  rows[0] = 1, rows[512 + 1] = 2;
  const auto path = folder / "projection.tensors";
  write_tensor_file(path, {},
                    {{"layer", view_of(layer, {512})},
                     {"mean", view_of(mean, {512})},
                     {"projection", view_of(rows, {2, 512})}});
  return path;
}

class AppearanceTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
  Model model_ = random_model(kSide);
  std::filesystem::path projection_ = write_projection(folder_, model_);
};

TEST_F(AppearanceTest, IsAVectorOfLengthOneThatDoesNotDependOnTheOtherChips) {
  const Appearance appearance(model_, projection_);
  const auto faces = random_faces(21, kSide);
  const auto all = appearance.describe(faces.views());
  ASSERT_EQ(all.size(), 21);
  for (std::size_t i = 0; i < all.size(); ++i) {
    ASSERT_EQ(all[i].size(), 2);
    EXPECT_NEAR(cosine(all[i], all[i]), 1, 1e-5);
    const ImageView alone = faces.chips[i];
    EXPECT_NEAR(cosine(all[i], appearance.describe({&alone, 1})[0]), 1, 1e-5);
  }
}

struct Portrait {
  const char* file;
  Landmarks landmarks;
};

// The sample photographs; landmarks as the detector gives them.
const Portrait kCollins{"astronaut.png", {{{202, 103}, {245, 104}, {222, 126}, {204, 142}, {241, 144}}}};
const Portrait kHopper{"grace_hopper.jpg", {{{224, 188}, {310, 189}, {265, 230}, {227, 267}, {302, 270}}}};

Image chip_of(const Portrait& portrait, const ChipOptions& chip, Point shift = {}, float brightness = 1) {
  auto landmarks = portrait.landmarks;
  for (auto& [x, y] : landmarks) x += shift.x, y += shift.y;
  auto image = cut_chip(read_image(samples_folder() / portrait.file), landmarks, chip);
  for (auto& value : image.pixels)
    value = static_cast<std::uint8_t>(std::min(255.f, brightness * static_cast<float>(value)));
  return image;
}

TEST(Appearance, OfTheShippedNetworksTellsPeopleApart) {
  for (const char* name : {"ferplus-mobilenet", "ferplus-ran", "ferplus-phanet"}) {
    const Appearance appearance(load_model(find_model(name)), appearance_file());
    const auto& chip = appearance.chip();
    const std::vector<Image> chips{chip_of(kCollins, chip), chip_of(kCollins, chip, {3, -2}, .7f),
                                   chip_of(kHopper, chip)};
    const auto vectors = appearance.describe(std::vector<ImageView>(chips.begin(), chips.end()));
    EXPECT_GT(cosine(vectors[0], vectors[1]), .9) << name;
    EXPECT_LT(cosine(vectors[0], vectors[2]), .3) << name;
  }
}

TEST_F(AppearanceTest, RefusesOtherNetworksAndOtherChips) {
  const auto resnet = random_model(kSide, R"({"input_size": 64, "backbone": "resnet18"})");
  EXPECT_EQ(error_of([&] { Appearance(resnet, projection_); }),
            resnet.name +
                ": network gives no appearance; expected the first layers of a shipped model, got "
                "others than " +
                projection_.string() + " was made for");
  model_.weights.at("conv_pw_7_bn.running_mean").values[0] += 1;
  EXPECT_NE(error_of([&] { Appearance(model_, projection_); }), "");
  EXPECT_EQ(error_of([&] { Appearance(random_model(kSide), folder_ / "none.tensors"); }).substr(0, 1), "/");
  const Image small(16, 16);
  const ImageView view = small;
  EXPECT_EQ(error_of([&] {
              Appearance(random_model(kSide), projection_).describe({&view, 1});
            }),
            "chips: chip has the wrong size; expected 32 x 32, got 16 x 16");
}

}  // namespace
}  // namespace regard

#include "regard/engine/appearance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "regard/face/alignment.h"
#include "regard/image/decode.h"
#include "regard/pipeline/model_files.h"
#include "tests/network_cases.h"
#include "tests/run_graph.h"
#include "tests/support.h"

namespace regard {
namespace {

using namespace test;

constexpr int kSide = 32;

double cosine(const std::vector<float>& a, const std::vector<float>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.);
}

TEST(Appearance, IsAVectorOfLengthOneThatDoesNotDependOnTheOtherChips) {
  const Appearance appearance(random_model(kSide));
  const auto faces = random_faces(21, kSide);
  const auto all = appearance.describe(faces.views());
  ASSERT_EQ(all.size(), 21);
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].size(), 256);
    EXPECT_NEAR(cosine(all[i], all[i]), 1, 1e-5);
    const ImageView alone = faces.chips[i];
    EXPECT_NEAR(cosine(all[i], appearance.describe({&alone, 1})[0]), 1, 1e-5);
  }
}

TEST(Appearance, IsCentredByTheBatchNorm) {
  auto model = random_model(kSide);
  const auto faces = random_faces(2, kSide);
  const auto before = Appearance(model).describe(faces.views());
  for (float& mean : model.weights.at("conv_pw_5_bn.running_mean").values) mean += 1e4f;
  const auto after = Appearance(model).describe(faces.views());
  EXPECT_LT(cosine(before[0], before[1]), .999);
  EXPECT_GT(cosine(after[0], after[1]), .9999);  // both are nearly minus the mean
  EXPECT_LT(after[0][0], 0);
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
  for (const char* name : {"ferplus-mobilenet", "ferplus-ran"}) {
    const Appearance appearance(load_model(find_model(name)));
    const auto& chip = appearance.chip();
    const std::vector<Image> chips{chip_of(kCollins, chip), chip_of(kCollins, chip, {3, -2}, .85f),
                                   chip_of(kHopper, chip)};
    const auto vectors = appearance.describe(std::vector<ImageView>(chips.begin(), chips.end()));
    EXPECT_GT(cosine(vectors[0], vectors[1]), .9) << name;
    EXPECT_LT(cosine(vectors[0], vectors[2]), .7) << name;
  }
}

TEST(Appearance, RefusesOtherNetworksAndOtherChips) {
  const auto resnet = random_model(kSide, R"({"input_size": 64, "backbone": "resnet18"})");
  EXPECT_EQ(error_of([&] { Appearance{resnet}; }),
            resnet.name + ": network gives no appearance; expected one built on mobilenet_v1, got resnet18");
  const Image small(16, 16);
  const ImageView view = small;
  EXPECT_EQ(error_of([&] {
              Appearance(random_model(kSide)).describe({&view, 1});
            }),
            "chips: chip has the wrong size; expected 32 x 32, got 16 x 16");
}

}  // namespace
}  // namespace regard

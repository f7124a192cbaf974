#include "regard/engine/appearance.h"

#include <gmock/gmock.h>

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

class AppearanceTest : public testing::Test {
 protected:
  /// A file with the weights of `model_`, whose layer it projects on the first two of `columns` channels.
  std::filesystem::path write(std::int64_t columns = 512) const {
    std::vector<float> mean(512, .25f), rows(2 * static_cast<std::size_t>(columns));
    rows[0] = 1, rows[static_cast<std::size_t>(columns) + 1] = 2;
    std::map<std::string, TensorView> tensors{{"mean", view_of(mean, {512})},
                                              {"projection", view_of(rows, {2, columns})}};
    for (const auto& [name, weight] : model_.weights) tensors[name] = view_of(weight.values, weight.shape);
    const auto path = folder_ / "appearance.tensors";
    write_tensor_file(path, {{"normalize", R"({"grey": true})"}}, tensors);
    return path;
  }

  TemporaryFolder folder_;
  Model model_ = random_model(kSide);
};

TEST_F(AppearanceTest, IsAVectorOfLengthOneThatDoesNotDependOnTheOtherChips) {
  const Appearance appearance(model_.chip(), write());
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

TEST(Appearance, TellsPeopleApartInChipsOfAnySize) {
  for (const int size : {48, 112}) {
    const ChipOptions chip{.size = size};
    const Appearance appearance(chip, appearance_file());
    const std::vector<Image> chips{chip_of(kCollins, chip), chip_of(kCollins, chip, {3, -2}, .7f),
                                   chip_of(kHopper, chip)};
    const auto vectors = appearance.describe(std::vector<ImageView>(chips.begin(), chips.end()));
    EXPECT_GT(cosine(vectors[0], vectors[1]), .9) << size;
    EXPECT_LT(cosine(vectors[0], vectors[2]), .3) << size;
  }
}

TEST_F(AppearanceTest, RefusesWrongFilesAndOtherChips) {
  const auto chip = model_.chip();
  EXPECT_EQ(error_of([&] { Appearance(chip, write(256)); }),
            write(256).string() + ": projection has the wrong shape; expected [2, 512], got [2, 256]");
  EXPECT_THAT(error_of([&] { Appearance(chip, find_model("ferplus-mobilenet")); }),
              testing::HasSubstr("is no file of appearances"));
  model_.weights.erase("conv_dw_3.weight");
  EXPECT_THAT(error_of([&] { Appearance(chip, write()); }), testing::HasSubstr("conv_dw_3.weight"));
  EXPECT_EQ(error_of([&] { Appearance(chip, folder_ / "none.tensors"); }).substr(0, 1), "/");
  const Image small(16, 16);
  const ImageView view = small;
  EXPECT_EQ(error_of([&] {
              Appearance(chip, appearance_file()).describe({&view, 1});
            }),
            "chips: chip has the wrong size; expected 32 x 32, got 16 x 16");
}

}  // namespace
}  // namespace regard

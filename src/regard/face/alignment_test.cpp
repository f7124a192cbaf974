#include "regard/face/alignment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "tests/support.h"

namespace regard {
namespace {

using testing::HasSubstr;

/// An image of `pattern`, which takes a place in [0, 1]^2 to a value.
Image paint(int width, int height, const std::function<double(double, double)>& pattern) {
  Image image(width, height);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < 3; ++c)
        image.row(y)[3 * x + c] =
            static_cast<std::uint8_t>(std::lround(255 * pattern((x + .5) / width, (y + .5) / height)));
  return image;
}

double waves(double x, double y) {
  return .5 + .25 * std::sin(9 * x + 2 * y) + .25 * std::cos(7 * y - 3 * x);
}

/// Landmarks of which the similarity onto the chip is the inverse of `chip_to_place`.
Landmarks landmarks_under(const Affine& chip_to_place, const ChipOptions& chip) {
  Landmarks landmarks;
  const float size = static_cast<float>(chip.size);
  for (std::size_t i = 0; i < landmarks.size(); ++i)
    landmarks[i] = chip_to_place({chip.landmarks[2 * i] * size, chip.landmarks[2 * i + 1] * size});
  return landmarks;
}

Affine similarity(double scale, double degrees, double shift_x, double shift_y) {
  const double a = scale * std::cos(degrees * M_PI / 180), b = scale * std::sin(degrees * M_PI / 180);
  const auto f = [](double v) { return static_cast<float>(v); };
  return {{f(a), f(-b), f(shift_x), f(b), f(a), f(shift_y)}};
}

ChipOptions chip_of(int size) {
  ChipOptions chip;
  chip.size = size;
  return chip;
}

TEST(AlignmentTest, IdentityCopiesTheImage) {
  const Image image = paint(48, 48, waves);
  const Image chip = cut_chip(image, landmarks_under({}, chip_of(48)), chip_of(48));
  ASSERT_EQ(chip.pixels.size(), image.pixels.size());
  for (std::size_t i = 0; i < chip.pixels.size(); ++i) ASSERT_NEAR(chip.pixels[i], image.pixels[i], 1) << i;
}

TEST(AlignmentTest, WholeShiftsMoveByWholePixelsAndRepeatTheBorder) {
  const Image image = paint(60, 60, waves);
  const Image chip = cut_chip(image, landmarks_under(similarity(1, 0, -5, 20), chip_of(48)), chip_of(48));
  for (int y = 0; y < 48; ++y)
    for (int x = 0; x < 48; ++x)
      ASSERT_NEAR(chip.row(y)[3 * x], image.row(std::min(59, y + 20))[3 * std::max(0, x - 5)], 1)
          << x << " " << y;
}

/// The mean of the pattern over the rotated square of a chip's pixel, by 16 x 16 samples.
double mean_under_pixel(int x, int y, const Affine& map, const Image& image) {
  double sum = 0;
  for (int j = 0; j < 16; ++j)
    for (int i = 0; i < 16; ++i) {
      const Point p = map({static_cast<float>(x + (i + .5) / 16), static_cast<float>(y + (j + .5) / 16)});
      const int px = std::clamp(static_cast<int>(std::floor(p.x)), 0, image.width - 1);
      const int py = std::clamp(static_cast<int>(std::floor(p.y)), 0, image.height - 1);
      sum += image.row(py)[3 * px];
    }
  return sum / 256;
}

struct Cut {
  double scale, degrees;
};

class AlignmentAreaTest : public testing::TestWithParam<Cut> {};

TEST_P(AlignmentAreaTest, PixelsAreTheMeanOfWhatTheyCover) {
  const auto [scale, degrees] = GetParam();
  const Image image = paint(900, 700, [](double x, double y) { return waves(3 * x, 3 * y); });
  const Affine map = similarity(scale, degrees, 200, 130);
  const Image chip = cut_chip(image, landmarks_under(map, chip_of(32)), chip_of(32));
  for (int y = 0; y < 32; ++y)
    for (int x = 0; x < 32; ++x)
      ASSERT_NEAR(chip.row(y)[3 * x], mean_under_pixel(x, y, map, image), 3) << x << " " << y;
}

INSTANTIATE_TEST_SUITE_P(Scales, AlignmentAreaTest,
                         testing::Values(Cut{.7, 10}, Cut{1, 0}, Cut{1.5, -20}, Cut{2, 0}, Cut{3.3, 30},
                                         Cut{5, 0}, Cut{8.7, -35}, Cut{13, 15}));

TEST(AlignmentTest, AFineCheckerboardBecomesEvenGrey) {
  Image board(800, 800);
  for (int y = 0; y < 800; ++y)
    for (int x = 0; x < 800; ++x)
      for (int c = 0; c < 3; ++c) board.row(y)[3 * x + c] = (x / 2 + y / 2) % 2 ? 255 : 0;
  for (const double degrees : {0., 17., 45.}) {
    const Image chip =
        cut_chip(board, landmarks_under(similarity(10, degrees, 350, 80), chip_of(32)), chip_of(32));
    for (const auto value : chip.pixels) ASSERT_NEAR(value, 127.5, 10) << degrees;
  }
}

TEST(AlignmentTest, TheFaceLooksTheSameHoweverItLiesInTheImage) {
  const auto face = [](double x, double y) { return waves(x, y); };
  const Image upright = paint(96, 96, face);
  const Image expected = cut_chip(upright, landmarks_under(similarity(2, 0, 0, 0), chip_of(48)), chip_of(48));
  for (const double degrees : {-40., 25., 90.})
    for (const double scale : {1.5, 6.}) {
      const Affine map = similarity(scale, degrees, 300, 300), back = inverse(map);
      const Image turned = paint(700, 700, [&](double x, double y) {
        const Point p = back({static_cast<float>(700 * x), static_cast<float>(700 * y)});
        return std::clamp(face(p.x / 48., p.y / 48.), 0., 1.);
      });
      const Image chip = cut_chip(turned, landmarks_under(map, chip_of(48)), chip_of(48));
      for (int y = 4; y < 44; ++y)
        for (int x = 4; x < 44; ++x) {
          const Point p = map({static_cast<float>(x), static_cast<float>(y)});
          if (p.x < 8 || p.y < 8 || p.x > 692 || p.y > 692) continue;
          ASSERT_NEAR(chip.row(y)[3 * x], expected.row(y)[3 * x], 4) << degrees << " " << scale;
        }
    }
}

TEST(AlignmentTest, GreyBecomesRgb) {
  Image grey(50, 50, 1);
  std::fill(grey.pixels.begin(), grey.pixels.end(), 77);
  const Image chip = cut_chip(grey, landmarks_under(similarity(4, 0, -20, -20), chip_of(20)), chip_of(20));
  ASSERT_EQ(chip.channels, 3);
  for (const auto value : chip.pixels) ASSERT_EQ(value, 77);
}

TEST(AlignmentTest, OddPlacesAreNoTrouble) {
  const Image thin = paint(4000, 1, waves), dot = paint(1, 1, waves);
  for (const Image* image : {&thin, &dot})
    for (const Affine& map :
         {similarity(300, 30, -9000, -9000), similarity(1e-3, 0, 0, 0), similarity(1, 0, 9000, 5)})
      EXPECT_EQ(cut_chip(*image, landmarks_under(map, chip_of(16)), chip_of(16)).width, 16);
}

TEST(AlignmentTest, RefusesWhatIsNoFace) {
  const auto error_of = [](ImageView image, const Landmarks& landmarks) {
    return test::error_of([&] { cut_chip(image, landmarks, chip_of(16)); });
  };
  const Image image = paint(20, 20, waves);
  Landmarks same{}, wild = landmarks_under({}, chip_of(16));
  EXPECT_THAT(error_of(image, same), HasSubstr("at least two different ones"));
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    wild[2].x = bad;
    EXPECT_THAT(error_of(image, wild), HasSubstr("landmark is out of range; expected finite pixels"));
  }
  EXPECT_THAT(error_of(ImageView{}, landmarks_under({}, chip_of(16))), HasSubstr("image is empty"));
}

TEST(AlignmentTest, LandmarksOfABoxLieInItLikeAFace) {
  const auto [left_eye, right_eye, nose, left_mouth, right_mouth] = landmarks_of_box({100, 50, 200, 250});
  EXPECT_LT(left_eye.x, nose.x);
  EXPECT_GT(right_eye.x, nose.x);
  EXPECT_LT(left_eye.y, nose.y);
  EXPECT_LT(nose.y, left_mouth.y);
  EXPECT_FLOAT_EQ(nose.x, 200);
  EXPECT_GT(left_mouth.x, 100);
  EXPECT_LT(right_mouth.y, 300);
}

TEST(AlignmentTest, RefusesViewsThatAreNoImage) {
  const Image image(300, 200);
  ImageView view = image;
  const auto error = [&] {
    return test::error_of([&] { cut_chip(view, landmarks_of_box({100, 100, 50, 60}), ChipOptions{}); });
  };
  view.channels = 2;
  EXPECT_THAT(error(), HasSubstr("wrong number of channels; expected 1 or 3, got 2"));
  view.channels = 3, --view.stride;
  EXPECT_THAT(error(), HasSubstr("stride is shorter than a row"));
  view = {};
  EXPECT_THAT(error(), HasSubstr("image is empty"));
}

}  // namespace
}  // namespace regard

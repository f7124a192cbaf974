#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "regard/image/image_test.h"

namespace regard {
namespace {

using test::decode;
using test::error_of_decoding;
using test::pixel;
using test::put;
using testing::HasSubstr;
using Rgb = std::vector<int>;
using Bytes = std::vector<int>;

struct Bmp {
  int header = 40, width = 2, height = 1, bits = 24, compression = 0;
  std::vector<std::uint32_t> masks = {};
  std::vector<std::uint32_t> palette = {};  // 0xrrggbb
  Bytes data = {};

  std::vector<char> bytes() const {
    std::vector<char> file{'B', 'M'};
    const int behind = header == 40 ? 4 * static_cast<int>(masks.size()) : 0;
    const int palette_size = (header == 12 ? 3 : 4) * static_cast<int>(palette.size());
    put(file, 0, 8), put(file, 14 + header + behind + palette_size, 4), put(file, header, 4);
    if (header == 12)
      put(file, width, 2), put(file, height, 2), put(file, 1, 2), put(file, bits, 2);
    else
      put(file, width, 4), put(file, height, 4), put(file, 1, 2), put(file, bits, 2),
          put(file, compression, 4), put(file, 0, 12), put(file, palette.size(), 4), put(file, 0, 4);
    for (const auto mask : masks) put(file, mask, 4);
    file.resize(static_cast<std::size_t>(14 + header + behind));
    for (const auto colour : palette) put(file, colour, header == 12 ? 3 : 4);
    for (const int byte : data) put(file, byte, 1);
    return file;
  }
};

const std::vector<std::uint32_t> kMasks{0xff0000, 0xff00, 0xff};

TEST(BmpTest, ReadsBlueGreenRedFromTheBottomUp) {
  const Bmp bmp{.width = 1, .height = 2, .data = {1, 2, 3, 0, 4, 5, 6, 0}};
  EXPECT_EQ(pixel(decode(bmp.bytes()), 0, 0), (Rgb{6, 5, 4}));
  EXPECT_EQ(pixel(decode(bmp.bytes()), 0, 1), (Rgb{3, 2, 1}));
  const Bmp old{.header = 12, .width = 1, .height = 2, .data = {1, 2, 3, 0, 4, 5, 6, 0}};
  EXPECT_EQ(pixel(decode(old.bytes()), 0, 0), (Rgb{6, 5, 4}));
}

TEST(BmpTest, ANegativeHeightMeansFromTheTopDown) {
  const Bmp bmp{.width = 1, .height = -2, .data = {1, 2, 3, 0, 4, 5, 6, 0}};
  EXPECT_EQ(pixel(decode(bmp.bytes()), 0, 0), (Rgb{3, 2, 1}));
}

TEST(BmpTest, ReadsPalettesOfAllDepths) {
  const std::vector<std::uint32_t> colours{0x000000, 0x0a141e, 0xffffff, 0x010203};
  const auto read = [&](int bits, int byte, int header = 40) {
    return pixel(
        decode(Bmp{.header = header, .bits = bits, .palette = colours, .data = {byte, 1, 0, 0}}.bytes()), 1,
        0);
  };
  EXPECT_EQ(read(1, 0x40), (Rgb{10, 20, 30}));
  EXPECT_EQ(read(2, 0x30), (Rgb{1, 2, 3}));
  EXPECT_EQ(read(4, 0x02), Rgb(3, 255));
  EXPECT_EQ(read(8, 0), (Rgb{10, 20, 30}));
  EXPECT_EQ(read(4, 0x09), Rgb(3, 0)) << "a colour that the palette lacks";
}

TEST(BmpTest, TheFourthByteIsAlphaOnlyWhereAMaskSaysSo) {
  const Bytes data{10, 20, 30, 0, 10, 20, 30, 64};
  for (const int header : {40, 52, 56, 108, 124}) {
    EXPECT_EQ(pixel(decode(Bmp{.header = header, .bits = 32, .data = data}.bytes()), 1, 0), (Rgb{30, 20, 10}))
        << header;
    const Bmp masked{.header = header, .bits = 32, .compression = 3, .masks = kMasks, .data = data};
    EXPECT_EQ(pixel(decode(masked.bytes()), 1, 0), (Rgb{30, 20, 10})) << header;
  }
  Bmp alpha{.header = 124,
            .bits = 32,
            .compression = 3,
            .masks = {0xff0000, 0xff00, 0xff, 0xff000000},
            .data = data};
  EXPECT_EQ(pixel(decode(alpha.bytes()), 1, 0), (Rgb{199, 196, 194}));
  EXPECT_EQ(pixel(decode(alpha.bytes()), 0, 0), Rgb(3, 255));
  alpha.data[7] = 0;  // all of it: a writer that did not mean it
  EXPECT_EQ(pixel(decode(alpha.bytes()), 0, 0), (Rgb{30, 20, 10}));
}

TEST(BmpTest, ReadsMasksOfAnyWidthAndPlace) {
  const auto read = [](int compression, std::vector<std::uint32_t> masks, int low, int high) {
    const Bmp bmp{
        .bits = 16, .compression = compression, .masks = std::move(masks), .data = {0, 0, low, high}};
    return pixel(decode(bmp.bytes()), 1, 0);
  };
  EXPECT_EQ(read(0, {}, 0x1f, 0x7c), (Rgb{255, 0, 255}));
  EXPECT_EQ(read(3, {0xf800, 0x7e0, 0x1f}, 0xe0, 0x07), (Rgb{0, 255, 0}));
  EXPECT_EQ(read(3, {0xf00, 0xf0, 0xf}, 0x21, 0x03), (Rgb{51, 34, 17}));
}

TEST(BmpTest, ReadsRunLengths) {
  const std::vector<std::uint32_t> colours{0x000000, 0x0a141e, 0xffffff};
  // A run, a row's end, a jump, literals, the end.
  const Bytes rle8{2, 1, 0, 0, 0, 2, 1, 0, 0, 3, 2, 1, 2, 0, 0, 1};
  const Image image = decode(
      Bmp{.width = 4, .height = 2, .bits = 8, .compression = 1, .palette = colours, .data = rle8}.bytes());
  EXPECT_EQ(pixel(image, 1, 1), (Rgb{10, 20, 30}));
  EXPECT_EQ(pixel(image, 2, 1), Rgb(3, 0));
  EXPECT_EQ(pixel(image, 0, 0), Rgb(3, 0));
  EXPECT_EQ(pixel(image, 1, 0), Rgb(3, 255));
  EXPECT_EQ(pixel(image, 2, 0), (Rgb{10, 20, 30}));
  const Bytes rle4{3, 0x12, 0, 0, 0, 3, 0x21, 0x20, 0, 1};
  const Image four = decode(
      Bmp{.width = 3, .height = 2, .bits = 4, .compression = 2, .palette = colours, .data = rle4}.bytes());
  EXPECT_EQ(pixel(four, 1, 1), Rgb(3, 255));
  EXPECT_EQ(pixel(four, 2, 1), (Rgb{10, 20, 30}));
  EXPECT_EQ(pixel(four, 0, 0), Rgb(3, 255));
}

TEST(BmpTest, NamesTheKindsThatAreNotSupported) {
  EXPECT_THAT(error_of_decoding(Bmp{.bits = 0, .compression = 4}.bytes()), HasSubstr("got a JPEG inside"));
  EXPECT_THAT(error_of_decoding(Bmp{.bits = 0, .compression = 5}.bytes()), HasSubstr("got a PNG inside"));
  EXPECT_THAT(error_of_decoding(Bmp{.header = 64, .compression = 4}.bytes()), HasSubstr("got OS/2's RLE24"));
  EXPECT_THAT(error_of_decoding(Bmp{.compression = 12}.bytes()), HasSubstr("got compression 12"));
  EXPECT_THAT(
      error_of_decoding(Bmp{.bits = 48}.bytes()),
      HasSubstr(
          "BMP of a kind that is not supported; expected 1, 2, 4, 8, 16, 24 or 32 bits a pixel, got 48"));
  EXPECT_THAT(error_of_decoding(Bmp{.bits = 4, .compression = 1}.bytes()),
              HasSubstr("RLE8 wants 8 bits a pixel"));
}

TEST(BmpTest, SidesAndLengthsAreChecked) {
  EXPECT_THAT(error_of_decoding(Bmp{.width = 64'000, .height = 64'000}.bytes()),
              HasSubstr("image is too large"));
  EXPECT_THAT(error_of_decoding(Bmp{.width = -5}.bytes()), HasSubstr("image has no pixels"));
  EXPECT_THAT(error_of_decoding(Bmp{.data = {1, 2, 3, 4, 5}}.bytes()), HasSubstr("image is cut short"));
  EXPECT_EQ(error_of_decoding(Bmp{.data = {1, 2, 3, 4, 5, 6}}.bytes()), "") << "only the padding is missing";
  EXPECT_THAT(error_of_decoding(Bmp{.bits = 8, .compression = 1, .data = {1, 0}}.bytes()),
              HasSubstr("cut short"));
  EXPECT_THAT(error_of_decoding(Bmp{.bits = 8}.bytes()), HasSubstr("cut short"));
}

}  // namespace
}  // namespace regard

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <chrono>
#include <cstring>
#include <map>
#include <vector>

#include "regard/image/image_test.h"

namespace regard {
namespace {

using test::decode;
using test::difference;
using test::error_of_decoding;
using test::kImages;
using test::pixel;
using test::put;
using test::reference;
using testing::HasSubstr;

/// Numbers of the tags below; the names are the format's.
enum Tag : std::uint16_t {
  ImageWidth = 256,
  ImageLength = 257,
  BitsPerSample = 258,
  Compression = 259,
  Photometric = 262,
  StripOffsets = 273,
  SamplesPerPixel = 277,
  RowsPerStrip = 278,
  StripByteCounts = 279,
  PlanarConfig = 284,
  ColorMap = 320,
  TileWidth = 322,
  TileLength = 323,
  TileOffsets = 324,
  TileByteCounts = 325,
  InkSet = 332,
  ExtraSamples = 338,
  Format = 339,
};

using Fields = std::map<std::uint16_t, std::vector<std::uint32_t>>;

/// An uncompressed TIFF of 2 x 1 pixels, little-endian, in one strip unless `fields` says something else.
std::vector<char> tiff(Fields fields, const std::vector<char>& data) {
  constexpr std::uint32_t kData = 8;
  const auto set = [&](std::uint16_t tag, std::uint32_t value) {
    fields.try_emplace(tag, std::vector{value});
  };
  set(ImageWidth, 2), set(ImageLength, 1), set(BitsPerSample, 8), set(Compression, 1), set(Photometric, 1);
  set(SamplesPerPixel, 1), set(RowsPerStrip, 1);
  set(StripOffsets, kData), set(StripByteCounts, static_cast<std::uint32_t>(data.size()));
  std::vector<char> bytes{'I', 'I', '*', 0}, more;
  const auto directory = static_cast<std::uint32_t>(kData + data.size());
  put(bytes, directory, 4);
  bytes.insert(bytes.end(), data.begin(), data.end());
  put(bytes, fields.size(), 2);
  for (const auto& [tag, values] : fields) {
    const bool is_long = tag == StripOffsets || tag == StripByteCounts || values[0] > 0xffff;
    const int size = is_long ? 4 : 2;
    put(bytes, tag, 2), put(bytes, is_long ? 4 : 3, 2), put(bytes, values.size(), 4);
    std::vector<char> numbers;
    for (const auto value : values) put(numbers, value, size);
    if (numbers.size() > 4) {
      put(bytes, directory + 2 + 12 * fields.size() + 4 + more.size(), 4);
      more.insert(more.end(), numbers.begin(), numbers.end());
    } else {
      numbers.resize(4);
      bytes.insert(bytes.end(), numbers.begin(), numbers.end());
    }
  }
  put(bytes, 0, 4);
  bytes.insert(bytes.end(), more.begin(), more.end());
  return bytes;
}

template <class Number>
std::vector<char> data_of(const std::vector<Number>& numbers) {
  std::vector<char> bytes(numbers.size() * sizeof(Number));
  std::memcpy(bytes.data(), numbers.data(), bytes.size());
  return bytes;
}

std::vector<char> samples(std::initializer_list<int> values) {
  std::vector<char> bytes;
  for (const int value : values) bytes.push_back(static_cast<char>(value));
  return bytes;
}

using Rgb = std::vector<int>;

TEST(TiffTest, ReadsWhatOtherProgramsWrite) {
  for (const char* name : {"planar_tiles16.tif", "fourth_sample.tif", "cmyk16.tif", "float32.tif",
                           "pages.tif", "reduced_first.tif"})
    EXPECT_EQ(difference(read_image(kImages + name), reference()), 0) << name;
  EXPECT_LT(difference(read_image(kImages + "ycbcr.tif"), reference()), 6);
  EXPECT_LT(difference(read_image(kImages + "palette.tif"), reference()), 6);
  EXPECT_LT(difference(read_image(kImages + "lab.tif"), reference()), 5);
  const Image fax = read_image(kImages + "fax.tif");
  for (const auto value : fax.pixels) ASSERT_TRUE(value == 0 || value == 255);
  // Grey that is stored as its negative: Rec. 601 luma of the reference.
  const Rgb grey = pixel(read_image(kImages + "white_is_zero16.tif"), 20, 20),
            rgb = pixel(reference(), 20, 20);
  EXPECT_NEAR(grey[0], .299 * rgb[0] + .587 * rgb[1] + .114 * rgb[2], 1);
}

TEST(TiffTest, WhiteMayBeZeroInAllDepths) {
  const auto white = [](int bits, const std::vector<char>& data) {
    return decode(tiff({{Photometric, {0}}, {BitsPerSample, {static_cast<std::uint32_t>(bits)}}}, data));
  };
  EXPECT_EQ(pixel(white(1, samples({0x40})), 0, 0), Rgb(3, 255));
  EXPECT_EQ(pixel(white(1, samples({0x40})), 1, 0), Rgb(3, 0));
  EXPECT_EQ(pixel(white(4, samples({0x0f})), 1, 0), Rgb(3, 0));
  EXPECT_EQ(pixel(white(8, samples({5, 200})), 1, 0), Rgb(3, 55));
  EXPECT_EQ(pixel(white(16, data_of<std::uint16_t>({0, 51400})), 1, 0), Rgb(3, 55));
}

TEST(TiffTest, ReadsPackedAndWideIntegers) {
  const auto grey = [](std::uint32_t bits, const std::vector<char>& data) {
    return pixel(decode(tiff({{BitsPerSample, {bits}}}, data)), 1, 0)[0];
  };
  EXPECT_EQ(grey(2, samples({0x20})), 170);
  EXPECT_EQ(grey(4, samples({0x0a})), 170);
  EXPECT_EQ(grey(12, samples({0x00, 0x0f, 0xff})), 255);
  EXPECT_EQ(grey(16, data_of<std::uint16_t>({0, 128 * 257})), 128);
  EXPECT_EQ(grey(32, data_of<std::uint32_t>({0, 128u * 16843009u})), 128);
}

TEST(TiffTest, PlanesAreReadInTheirOrder) {
  const Fields planes{{Photometric, {2}},  {SamplesPerPixel, {3}},      {BitsPerSample, {8, 8, 8}},
                      {PlanarConfig, {2}}, {StripOffsets, {8, 10, 12}}, {StripByteCounts, {2, 2, 2}}};
  const Image image = decode(tiff(planes, samples({1, 2, 3, 4, 5, 6})));
  EXPECT_EQ(pixel(image, 0, 0), (Rgb{1, 3, 5}));
  EXPECT_EQ(pixel(image, 1, 0), (Rgb{2, 4, 6}));
}

TEST(TiffTest, OnlyWhatIsCalledAlphaIsAlpha) {
  const auto read = [](std::uint32_t kind) {
    const Fields fields{
        {Photometric, {2}}, {SamplesPerPixel, {4}}, {BitsPerSample, {8, 8, 8, 8}}, {ExtraSamples, {kind}}};
    return pixel(decode(tiff(fields, samples({0, 0, 0, 0, 40, 20, 0, 64}))), 1, 0);
  };
  EXPECT_EQ(read(0), (Rgb{40, 20, 0}));
  EXPECT_EQ(read(1), (Rgb{231, 211, 191}));  // multiplied already
  EXPECT_EQ(read(2), (Rgb{201, 196, 191}));
  const Fields untagged{{Photometric, {2}}, {SamplesPerPixel, {4}}, {BitsPerSample, {8, 8, 8, 8}}};
  EXPECT_EQ(pixel(decode(tiff(untagged, samples({0, 0, 0, 0, 40, 20, 0, 64}))), 1, 0), (Rgb{40, 20, 0}));
}

TEST(TiffTest, InkIsTurnedIntoLight) {
  const Fields fields{{Photometric, {5}}, {SamplesPerPixel, {4}}, {BitsPerSample, {8, 8, 8, 8}}};
  EXPECT_EQ(pixel(decode(tiff(fields, samples({0, 0, 0, 0, 255, 0, 51, 127}))), 1, 0), (Rgb{0, 128, 102}));
}

TEST(TiffTest, PalettesMayHoldNumbersOfEightBits) {
  Fields fields{{Photometric, {3}}, {BitsPerSample, {1}}, {ColorMap, {0, 10, 0, 20, 0, 30}}};
  EXPECT_EQ(pixel(decode(tiff(fields, samples({0x40}))), 1, 0), (Rgb{10, 20, 30}));
  fields[ColorMap] = {0, 2570, 0, 5140, 0, 7710};
  EXPECT_EQ(pixel(decode(tiff(fields, samples({0x40}))), 1, 0), (Rgb{10, 20, 30}));
}

TEST(TiffTest, FloatingPointIsFromZeroToOne) {
  const auto file = [](float value) {
    return tiff({{BitsPerSample, {32}}, {Format, {3}}}, data_of<float>({0, value}));
  };
  EXPECT_EQ(pixel(decode(file(.5f)), 1, 0), Rgb(3, 128));
  EXPECT_EQ(pixel(decode(file(1.05f)), 1, 0), Rgb(3, 255));
  EXPECT_EQ(pixel(decode(tiff({{BitsPerSample, {64}}, {Format, {3}}}, data_of<double>({0, .5}))), 1, 0),
            Rgb(3, 128));
  EXPECT_THAT(
      error_of_decoding(file(200)),
      HasSubstr(
          "TIFF of a kind that is not supported; expected floating-point samples from 0 to 1, got 200.0"));
  EXPECT_THAT(error_of_decoding(file(std::numeric_limits<float>::quiet_NaN())), HasSubstr("got nan"));
}

TEST(TiffTest, NamesTheKindsThatAreNotSupported) {
  const auto error = [](Fields fields) {
    return error_of_decoding(tiff(std::move(fields), std::vector<char>(64)));
  };
  EXPECT_THAT(error({{Format, {2}}, {BitsPerSample, {16}}}), HasSubstr("got signed integers of 16 bits"));
  EXPECT_THAT(error({{Format, {6}}, {BitsPerSample, {64}}}), HasSubstr("got complex numbers"));
  EXPECT_THAT(error({{BitsPerSample, {24}}}), HasSubstr("got integers of 24 bits"));
  EXPECT_THAT(error({{BitsPerSample, {64}}}), HasSubstr("got integers of 64 bits"));
  EXPECT_THAT(error({{Photometric, {32803}}}), HasSubstr("got a camera's raw samples"));
  EXPECT_THAT(error({{Photometric, {4}}}), HasSubstr("got a transparency mask"));
  EXPECT_THAT(error({{Photometric, {999}}}), HasSubstr("got photometric interpretation 999"));
  EXPECT_THAT(error({{Photometric, {2}}}), HasSubstr("expected 3 samples a pixel, got 1"));
  EXPECT_THAT(
      error({{Photometric, {5}}, {SamplesPerPixel, {4}}, {BitsPerSample, {8, 8, 8, 8}}, {InkSet, {2}}}),
      HasSubstr("expected CMYK, got other inks"));
  EXPECT_THAT(error({{Compression, {4242}}}), HasSubstr("got compression 4242"));
}

TEST(TiffTest, SaysWhatIsDamagedOrMissing) {
  EXPECT_THAT(error_of_decoding(tiff({{Compression, {5}}}, samples({1, 2, 3}))),
              HasSubstr("TIFF is damaged: "));
  EXPECT_THAT(error_of_decoding(tiff({{Photometric, {3}}, {BitsPerSample, {4}}}, samples({1}))),
              HasSubstr("missing required \"Colormap\" field"));
  EXPECT_THAT(error_of_decoding(tiff({{StripOffsets, {100'000}}}, {})), HasSubstr("image is cut short"));
  EXPECT_THAT(error_of_decoding({'I', 'I', '*', 0, 8, 0, 0, 0}), HasSubstr("image is cut short"));
}

TEST(TiffTest, BombsAreRefusedAtOnce) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_THAT(error_of_decoding(tiff({{ImageWidth, {60'000}}, {ImageLength, {60'000}}}, {})),
              HasSubstr("too large"));
  EXPECT_THAT(error_of_decoding(tiff({{ImageLength, {0x7fffffff}}}, {})), HasSubstr("too large"));
  EXPECT_THAT(error_of_decoding(tiff({{ImageWidth, {100'000}}, {SamplesPerPixel, {65'535}}}, {})),
              HasSubstr("too much memory"));
  const Fields tiles{
      {TileWidth, {65'520}}, {TileLength, {65'520}}, {TileOffsets, {8}}, {TileByteCounts, {8}}};
  EXPECT_THAT(error_of_decoding(tiff(tiles, {})), HasSubstr("tiles are much larger than the image"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

void put_field(std::vector<char>& bytes, std::uint32_t tag, std::uint32_t count, std::uint32_t value) {
  put(bytes, tag, 2), put(bytes, 4, 2), put(bytes, count, 4), put(bytes, value, 4);
}

// A search of the whole directory for every strip would take minutes, and 2^31 strips much memory.
TEST(TiffTest, ManyStripsInALongDirectoryTakeNoTime) {
  for (const std::uint32_t strips : {100'000u, 0x7fffffffu}) {
    constexpr std::uint32_t kFields = 4000, kEnd = 8 + 2 + 12 * kFields;
    std::vector<char> bytes{'I', 'I', '*', 0, 8, 0, 0, 0};
    put(bytes, kFields, 2);
    put_field(bytes, 256, 1, 10), put_field(bytes, 257, 1, 10);
    put_field(bytes, 273, strips, kEnd), put_field(bytes, 279, strips, kEnd);
    for (std::uint32_t i = 4; i < kFields; ++i) put_field(bytes, 1000 + i, 1, 0);
    for (std::uint32_t i = 0; i < 100'000; ++i) put(bytes, 0xffff'0000, 4);
    const auto start = std::chrono::steady_clock::now();
    EXPECT_THAT(error_of_decoding(bytes), HasSubstr("image is cut short"));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
  }
}

}  // namespace
}  // namespace regard

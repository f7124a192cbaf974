#include <gtest/gtest.h>

#include <span>

#include "regard/image/codec.h"
#include "regard/image/encode.h"
#include "regard/image/image_test.h"

namespace regard {
namespace {

using test::difference;
using test::kImages;
using test::read_bytes;
using test::reference;

void append(std::vector<char>& bytes, const std::string& text) {
  bytes.insert(bytes.end(), text.begin(), text.end());
}

/// A block of EXIF data that holds an orientation alone.
std::string exif(bool big_endian) {
  return big_endian ? std::string("MM\0*\0\0\0\x8\0\1\1\x12\0\3\0\0\0\1\0\1\0\0\0\0\0\0", 26)
                    : std::string("II*\0\x8\0\0\0\1\0\x12\1\3\0\1\0\0\0\1\0\0\0\0\0\0\0", 26);
}

std::vector<char> inserted(const std::vector<std::uint8_t>& file, std::size_t at, const std::string& text) {
  std::vector<char> bytes(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(at));
  append(bytes, text);
  bytes.insert(bytes.end(), file.begin() + static_cast<std::ptrdiff_t>(at), file.end());
  return bytes;
}

std::vector<char> jpeg_with_exif(bool big_endian) {
  return inserted(encode_jpeg(reference()), 2,
                  std::string("\xff\xe1\0\x22"
                              "Exif\0\0",
                              10) +
                      exif(big_endian));
}

std::vector<char> png_with_exif(bool before_data) {
  const auto png = encode_png(reference());
  const std::string chunk = std::string(
                                "\0\0\0\x1a"
                                "eXIf",
                                8) +
                            exif(true) + std::string(4, '\0');
  return inserted(png, before_data ? 33 : png.size() - 12, chunk);
}

void expect_all_orientations(const std::vector<char>& file, const std::string& name) {
  const Image plain = test::decode(test::with_orientation(file, 1));
  ASSERT_NE(plain.width, plain.height);
  for (int orientation = 1; orientation <= 8; ++orientation)
    EXPECT_EQ(
        difference(test::decode(test::with_orientation(file, orientation)), upright(plain, orientation)), 0)
        << name << " " << orientation;
}

TEST(OrientationTest, TurnsUprightWhatWasTurnedByAnotherProgram) {
  for (int orientation = 1; orientation <= 8; ++orientation)
    for (const char* ending : {".jpg", ".avif"}) {
      const std::string name = "orientation" + std::to_string(orientation) + ending;
      EXPECT_LT(difference(read_image(kImages + name), reference()), 3) << name;
    }
  for (const char* name : {"orientation6.tif", "orientation6.webp", "orientation6_alpha.png"})
    EXPECT_EQ(difference(read_image(kImages + name), reference()), 0) << name;
}

TEST(OrientationTest, IsHeededWhereverAFormatKeepsIt) {
  expect_all_orientations(jpeg_with_exif(false), "JPEG, little endian");
  expect_all_orientations(jpeg_with_exif(true), "JPEG, big endian");
  expect_all_orientations(png_with_exif(true), "PNG, before the data");
  expect_all_orientations(png_with_exif(false), "PNG, after the data");
  expect_all_orientations(read_bytes(kImages + "orientation6.webp"), "WebP");
  expect_all_orientations(read_bytes(kImages + "orientation6.tif"), "TIFF");
}

TEST(OrientationTest, OfHeifIsThatOfItsPropertiesNotOfExif) {
  for (const int orientation : {1, 2, 3, 6, 8}) {
    const auto bytes = read_bytes(kImages + "orientation" + std::to_string(orientation) + ".heic");
    for (int exif = 1; exif <= 8; ++exif)
      EXPECT_LT(difference(test::decode(test::with_orientation(bytes, exif)), reference()), 3)
          << orientation << ", EXIF " << exif;
  }
}

TEST(OrientationTest, OfADamagedBlockIsNone) {
  const auto orientation = [](const std::string& block) {
    return exif_orientation(std::as_bytes(std::span(block)));
  };
  EXPECT_EQ(orientation(exif(true)), 1);
  EXPECT_EQ(orientation("Exif"), 1);
  EXPECT_EQ(orientation(std::string("MM\0*\xff\xff\xff\xff", 8)), 1);
  std::string nine = exif(false);
  nine[18] = 9;
  EXPECT_EQ(orientation(nine), 1);
  nine[18] = 6;
  EXPECT_EQ(orientation(nine), 6);
}

}  // namespace
}  // namespace regard

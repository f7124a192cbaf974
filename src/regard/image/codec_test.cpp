#include "regard/image/codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "regard/image/decode.h"
#include "regard/image/image_test.h"

namespace regard {
namespace {

using test::error_of_decoding;
using test::kImages;
using testing::HasSubstr;

std::vector<char> bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

std::string codec_of(const std::string& file) {
  const auto bytes = test::read_bytes(kImages + file);
  return std::string(find_codec(std::as_bytes(std::span(bytes)), file).name);
}

TEST(CodecTest, FindsEachFormatByItsFirstBytes) {
  EXPECT_EQ(codec_of("orientation1.jpg"), "JPEG");
  EXPECT_EQ(codec_of("reference.png"), "PNG");
  EXPECT_EQ(codec_of("animated.webp"), "WebP");
  EXPECT_EQ(codec_of("fax.tif"), "TIFF");
  EXPECT_EQ(codec_of("planar_tiles16.tif"), "TIFF");  // BigTIFF
  EXPECT_EQ(codec_of("orientation1.heic"), "HEIC");
  EXPECT_EQ(codec_of("orientation1.avif"), "AVIF");
  EXPECT_EQ(codec_of("animated.gif"), "GIF");
}

TEST(CodecTest, NamesWhatTheFileIsInstead) {
  EXPECT_EQ(error_of_decoding(bytes_of("%PDF-1.4 ...")),
            "image: is not an image that can be read; expected JPEG, PNG, WebP, TIFF, AVIF, HEIC, GIF or "
            "BMP, got a PDF document");
  EXPECT_THAT(error_of_decoding(bytes_of(std::string("\0\0\0\x18", 4) + "ftypmp42")),
              HasSubstr("got an MP4 video"));
  EXPECT_THAT(error_of_decoding(bytes_of("<!doctype html>")), HasSubstr("got an HTML page"));
  EXPECT_THAT(error_of_decoding(bytes_of("BMW, Audi, Opel: cars of 2020")), HasSubstr("got text"));
  EXPECT_THAT(error_of_decoding({}), HasSubstr("got an empty file"));
}

TEST(CodecTest, KnowsEndingsInUpperAndLowerCase) {
  for (const char* name :
       {"a.jpg", "a.JPEG", "a.jpe", "a.jfif", "a.JIF", "a.png", "a.apng", "a.webp", "a.TIF", "a.tiff",
        "IMG_0001.HEIC", "a.heif", "a.hif", "a.avif", "a.gif", "a.bmp", "b/c.d/a.dib"})
    EXPECT_TRUE(is_image_name(name)) << name;
  for (const char* name : {"a.mov", "a.txt", "jpg", "a", ".jpg", "a.jpg.part", "a.svg"})
    EXPECT_FALSE(is_image_name(name)) << name;
  EXPECT_THAT(image_endings(), testing::IsSupersetOf({".jpg", ".heic", ".avif", ".gif"}));
}

TEST(CodecTest, SaysWhichNamesAreWritten) {
  EXPECT_TRUE(is_written_image_name("a.JPG"));
  EXPECT_TRUE(is_written_image_name("a.png"));
  EXPECT_FALSE(is_written_image_name("a.webp"));
  EXPECT_FALSE(is_written_image_name("a.txt"));
}

TEST(CodecTest, BoundsPixelsAndMemory) {
  EXPECT_THAT(test::error_of([] { check_image_size(20'000, 20'000, "a"); }),
              HasSubstr("a: image is too large; expected at most " + std::to_string(kMaxPixels) +
                        " pixels, got 20000 x 20000"));
  EXPECT_THAT(test::error_of([] { check_image_size(0, 5, "a"); }), HasSubstr("image has no pixels"));
  {
    const PixelLimit limit(100), wider(1000);
    check_image_size(10, 10, "a");
    EXPECT_THAT(test::error_of([] { check_image_size(11, 10, "a"); }),
                HasSubstr("at most 100 pixels, got 11 x 10"));
  }
  check_image_size(11, 10, "a");
  EXPECT_THAT(test::error_of([] { check_decode_memory(kMaxDecodeBytes + 1, "a"); }),
              HasSubstr("a: image takes too much memory to decode; expected at most 2500000000 bytes"));
  EXPECT_EQ(test::error_of([] { check_decode_memory(kMaxDecodeBytes, "a"); }), "");
}

}  // namespace
}  // namespace regard

#include "regard/image/heif.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "regard/image/decode.h"
#include "regard/image/heif_boxes.h"
#include "regard/image/image_test.h"

namespace regard {
namespace {

using test::decode;
using test::difference;
using test::error_of_decoding;
using test::kImages;
using test::pixel;
using test::read_bytes;
using test::reference;
using testing::HasSubstr;

std::vector<char>::iterator find(std::vector<char>& bytes, const std::string& text) {
  const auto found = std::search(bytes.begin(), bytes.end(), text.begin(), text.end());
  if (found == bytes.end()) throw Error("is not there", text);
  return found;
}

std::string box(const std::string& type, const std::string& body) {
  const std::size_t size = body.size() + 8;
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(size >> shift);
  return text + type + body;
}

std::vector<char> file_of(const std::string& boxes) {
  const std::string whole = box("ftyp", std::string("heic\0\0\0\0mif1heic", 16)) + boxes;
  return {whole.begin(), whole.end()};
}

TEST(HeifTest, ReadsHevcAndAv1AsEightBits) {
  for (const char* name : {"orientation1.heic", "orientation1.avif", "ten_bits.heic"})
    EXPECT_LT(difference(read_image(kImages + name), reference()), 3) << name;
}

TEST(HeifTest, PutsTilesTogether) {
  const Image image = read_image(kImages + "grid.heic");
  ASSERT_EQ(image.width, 112);
  ASSERT_EQ(image.height, 40);
  for (const int left : {0, 64}) {
    Image part(48, 40);
    for (int y = 0; y < 40; ++y) std::copy_n(image.row(y) + 3 * left, 3 * 48, part.row(y));
    EXPECT_LT(difference(part, reference()), 3) << left;
  }
}

TEST(HeifTest, SizesAreKnownFromBoxesAndFromCodedData) {
  auto bytes = read_bytes(kImages + "orientation1.heic");
  const auto size = find(bytes, "ispe");
  size[10] = 100, size[14] = 100;  // 25,664 x 25,664
  const std::string too_large =
      "image is too large; expected at most " + std::to_string(kMaxPixels) + " pixels";
  EXPECT_THAT(error_of_decoding(bytes), HasSubstr(too_large));
  // Its box says 16 x 16, its sequence header 20,000 x 12,000.
  EXPECT_THAT(error_of_decoding(read_bytes(kImages + "understated.avif")),
              HasSubstr(too_large + ", got 20000 x 12000"));
  auto grid = read_bytes(kImages + "grid.heic");
  const auto data = find(grid, "idat");
  data[8] = '\x7f', data[10] = '\x7f';  // width and height in two bytes each
  EXPECT_THAT(error_of_decoding(grid), HasSubstr("image is too large"));
}

TEST(HeifTest, AnImageIsNotPartOfItself) {
  auto bytes = read_bytes(kImages + "grid.heic");
  const auto reference = find(bytes, "dimg");
  reference[9] = 3;  // after the grid's own number and the count; the grid is number 3
  EXPECT_THAT(error_of_decoding(bytes), HasSubstr("images are put together of themselves"));
}

TEST(HeifTest, SaysWhatIsMissing) {
  EXPECT_THAT(error_of_decoding(file_of("")), HasSubstr("HEIF is damaged: there is no image in it"));
  EXPECT_THAT(
      error_of_decoding(file_of(box("moov", "track"))),
      HasSubstr("HEIF of a kind that is not supported; expected a still image, got a sequence without one"));
  auto bytes = read_bytes(kImages + "orientation1.heic");
  std::copy_n("vvc1", 4, find(bytes, "hvc1"));
  EXPECT_THAT(error_of_decoding(bytes), HasSubstr("expected HEVC or AV1, got 'vvc1'"));
}

TEST(HeifTest, NamesThePackageOfAMissingDecoder) {
  EXPECT_STREQ(missing_hevc_decoder("a.heic").what(),
               "a.heic: HEIC cannot be read; expected libheif with a decoder for HEVC (Debian, Ubuntu: the "
               "package libheif-plugin-libde265), got none");
}

TEST(HeifBoxesTest, NamesTheCodingOfTheFirstImage) {
  const auto coding = [](const std::string& name) {
    const auto bytes = read_bytes(kImages + name);
    return HeifBoxes(std::as_bytes(std::span(bytes)), name).coding();
  };
  EXPECT_EQ(coding("orientation1.heic"), "hvc1");
  EXPECT_EQ(coding("grid.heic"), "hvc1");
  EXPECT_EQ(coding("orientation1.avif"), "av01");
}

}  // namespace
}  // namespace regard

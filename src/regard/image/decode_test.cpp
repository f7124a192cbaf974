#include "regard/image/decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <thread>
#include <vector>

#include "regard/core/error.h"
#include "regard/image/encode.h"
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
using testing::AnyOf;
using testing::HasSubstr;

std::vector<std::string> all_files() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kImages))
    if (is_image_name(entry.path())) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

TEST(DecodeTest, ReadsEveryFormatAsTheSameImage) {
  EXPECT_LT(difference(read_image(kImages + "orientation1.jpg"), reference()), 3);
  EXPECT_LT(difference(read_image(kImages + "cmyk.jpg"), reference()), 3);
  EXPECT_LT(difference(read_image(kImages + "progressive.jpg"), reference()), 3);
  EXPECT_LT(difference(read_image(kImages + "palette.png"), reference()), 6);
  EXPECT_LT(difference(read_image(kImages + "palette_alpha.png"), reference()), 12);
  EXPECT_LT(difference(read_image(kImages + "interlaced.gif"), reference()), 6);
  const Image bits = read_image(kImages + "bilevel.png");
  for (const auto value : bits.pixels) ASSERT_TRUE(value == 0 || value == 255);
}

TEST(DecodeTest, ReadsRedGreenBlueInThisOrder) {
  Image image(4, 3);
  for (std::size_t i = 0; i < image.pixels.size(); ++i)
    image.pixels[i] = std::array<std::uint8_t, 3>{10, 20, 250}[i % 3];
  EXPECT_EQ(pixel(decode(encode_png(image)), 3, 2), (std::vector{10, 20, 250}));
  const auto jpeg = pixel(decode(encode_jpeg(image)), 3, 2);
  EXPECT_NEAR(jpeg[0], 10, 4);
  EXPECT_NEAR(jpeg[1], 20, 4);
  EXPECT_NEAR(jpeg[2], 250, 4);
}

TEST(DecodeTest, LaysAlphaOverWhite) {
  for (const char* name : {"alpha.tif", "alpha.heic", "alpha.avif"}) {
    const auto mixed = pixel(read_image(kImages + name), 0, 0);
    EXPECT_NEAR(mixed[0], 191, 2) << name;
    EXPECT_NEAR(mixed[1], 216, 2) << name;
    EXPECT_NEAR(mixed[2], 241, 2) << name;
  }
}

TEST(DecodeTest, ReadsTheFirstFrameOrPage) {
  for (const char* name : {"animated.webp", "animated.png", "pages.tif"})
    EXPECT_EQ(difference(read_image(kImages + name), reference()), 0) << name;
  EXPECT_LT(difference(read_image(kImages + "animated.gif"), reference()), 6);
  EXPECT_LT(difference(read_image(kImages + "animated.avif"), reference()), 3);
}

TEST(DecodeTest, AFrameLiesOnItsCanvasOverWhite) {
  const Image image = read_image(kImages + "offset.webp");
  ASSERT_EQ(image.width, 60);
  ASSERT_EQ(image.height, 50);
  EXPECT_EQ(pixel(image, 0, 0), std::vector(3, 255));
  EXPECT_EQ(pixel(image, 59, 49), std::vector(3, 255));
  EXPECT_EQ(pixel(image, 6, 4), pixel(reference(), 0, 0));
  EXPECT_EQ(pixel(image, 53, 43), pixel(reference(), 47, 39));
}

/// A GIF of one pixel of the second of two colours (black, red), at `left`, `top` of a screen.
std::vector<char> gif(int screen, int left, int top, int side = 1, bool transparent = false) {
  std::vector<char> bytes;
  for (const char c : std::string("GIF89a")) bytes.push_back(c);
  for (const int side_of_screen : {screen, screen}) test::put(bytes, side_of_screen, 2);
  for (const int byte : {0x80, 0, 0, 0, 0, 0, 255, 0, 0}) test::put(bytes, byte, 1);
  if (transparent)
    for (const int byte : {0x21, 0xf9, 4, 1, 0, 0, 1, 0}) test::put(bytes, byte, 1);
  test::put(bytes, 0x2c, 1);
  for (const int number : {left, top, side, side}) test::put(bytes, number, 2);
  for (const int byte : {0, 2, 2, 0x4c, 0x01, 0, 0x3b}) test::put(bytes, byte, 1);  // clear, 1, end
  return bytes;
}

TEST(GifTest, PaintsAFrameWhereItLies) {
  const Image image = decode(gif(3, 2, 1));
  ASSERT_EQ(image.width, 3);
  EXPECT_EQ(pixel(image, 2, 1), (std::vector{255, 0, 0}));
  EXPECT_EQ(pixel(image, 0, 0), std::vector(3, 255));
  EXPECT_EQ(pixel(decode(gif(3, 2, 1, 1, true)), 2, 1), std::vector(3, 255));
}

TEST(GifTest, AScreenTooSmallForTheFrameGrows) {
  EXPECT_EQ(decode(gif(1, 2, 1)).width, 3);
}

TEST(GifTest, NamesWhatIsWrong) {
  EXPECT_THAT(error_of_decoding(gif(65535, 0, 0)), HasSubstr("image is too large"));
  EXPECT_THAT(error_of_decoding(gif(1, 60000, 60000)), HasSubstr("image is too large"));
  EXPECT_THAT(error_of_decoding(gif(3, 0, 0, 3)), HasSubstr("GIF is damaged"));
  EXPECT_THAT(error_of_decoding(gif(3, 0, 0, 0)), HasSubstr("image has no pixels"));
  auto bytes = gif(1, 0, 0);
  bytes[10] = 0;  // no palette any more
  bytes.erase(bytes.begin() + 13, bytes.begin() + 19);
  EXPECT_THAT(error_of_decoding(bytes),
              HasSubstr("GIF of a kind that is not supported; expected a palette, got none"));
}

TEST(JpegTest, ForgivesALackOfTheEndMarkAlone) {
  auto bytes = read_bytes(kImages + "orientation1.jpg");
  bytes.resize(bytes.size() - 2);
  EXPECT_LT(difference(decode(bytes), reference()), 3);
}

TEST(JpegTest, NamesAKindThatIsNotSupported) {
  auto bytes = read_bytes(kImages + "orientation1.jpg");
  const std::string mark("\xff\xc0\0\x11\x08", 5);
  const auto frame = std::search(bytes.begin(), bytes.end(), mark.begin(), mark.end());
  ASSERT_NE(frame, bytes.end());
  frame[4] = 12;
  EXPECT_THAT(error_of_decoding(bytes),
              HasSubstr("JPEG of a kind that is not supported; expected 8 bits a sample, baseline or "
                        "progressive, got Unsupported JPEG data precision 12"));
  frame[4] = 8;
  for (int i = 5; i < 9; ++i) frame[i] = '\x7f';
  EXPECT_THAT(error_of_decoding(bytes), HasSubstr("image is too large"));
}

TEST(JpegTest, BoundsTheScansOfAProgressiveFile) {
  EXPECT_THAT(error_of_decoding(read_bytes(kImages + "many_scans.jpg")),
              HasSubstr("JPEG is damaged: more than 64 scans"));
}

void put_big(std::vector<char>& bytes, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>(value >> (24 - 8 * i));
}

TEST(PngTest, HugeSidesAreFoundBeforeDecoding) {
  auto bytes = read_bytes(kImages + "reference.png");
  put_big(bytes, 16, 64'000), put_big(bytes, 20, 64'000);
  put_big(bytes, 29, 0x1f8bb13a);  // the chunk's checksum
  EXPECT_EQ(error_of_decoding(bytes), "image: image is too large; expected at most " +
                                          std::to_string(kMaxPixels) + " pixels, got 64000 x 64000");
}

TEST(PngTest, NamesTheDamage) {
  auto bytes = read_bytes(kImages + "reference.png");
  bytes[60] = static_cast<char>(~bytes[60]);
  EXPECT_THAT(error_of_decoding(bytes), HasSubstr("PNG is damaged: "));
}

TEST(WebpTest, AHugeCanvasIsFoundBeforeDecoding) {
  auto bytes = read_bytes(kImages + "offset.webp");
  ASSERT_EQ(std::string(bytes.data() + 12, 4), "VP8X");
  for (std::size_t i = 24; i < 30; ++i) bytes[i] = '\x7f';
  EXPECT_THAT(error_of_decoding(bytes), HasSubstr("image is too large"));
}

TEST(WebpTest, NamesTheDamage) {
  auto bytes = read_bytes(kImages + "orientation6.webp");
  const std::string chunk = "VP8L";
  const auto data = std::search(bytes.begin(), bytes.end(), chunk.begin(), chunk.end());
  ASSERT_NE(data, bytes.end());
  for (int i = 13; i < 200; ++i) data[i] = '\xff';
  EXPECT_THAT(error_of_decoding(bytes), HasSubstr("WebP is damaged"));
}

TEST(DecodeTest, RefusesFilesThatAreCutShort) {
  for (const auto& name : all_files()) {
    const auto whole = read_bytes(kImages + name);
    if (!error_of_decoding(whole).empty()) continue;  // it shows another error
    for (const std::size_t size : {whole.size() / 2, std::size_t{30}, std::size_t{20}}) {
      const std::vector<char> part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_THAT(error_of_decoding(part),
                  AnyOf(HasSubstr("cut short"), HasSubstr("damaged"), HasSubstr("premature")))
          << name << " cut to " << size;
    }
  }
}

// For any damaged file, the underlying libraries stay silent, and only Error is thrown.
TEST(DecodeTest, PrintsNothing) {
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  int failed = 0;
  for (const auto& name : all_files()) {
    const auto whole = read_bytes(kImages + name);
    for (std::size_t at = 9; at < whole.size(); at += whole.size() / 23 + 1) {
      auto bytes = whole;
      bytes[at] = static_cast<char>(~bytes[at]);
      if (!error_of_decoding(bytes).empty()) ++failed;
      bytes.resize(at);
      if (!error_of_decoding(bytes).empty()) ++failed;
    }
  }
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_GT(failed, 1000);
}

TEST(DecodeTest, NamesTheFile) {
  EXPECT_THAT(test::error_of([] { read_image(kImages + "README.md"); }),
              testing::StartsWith(kImages + "README.md: is not an image that can be read"));
  EXPECT_THAT(test::error_of([] { read_image(kImages + "missing.png"); }),
              HasSubstr(kImages + "missing.png"));
}

TEST(DecodeTest, WritesWhatItReads) {
  const test::TemporaryFolder folder;
  const Image image = reference();
  for (const char* name : {"a.png", "a.jpg", "a.JPEG", "a.jpe"}) {
    write_image(folder / name, image);
    EXPECT_LT(difference(read_image(folder / name), image), 6) << name;
  }
  EXPECT_EQ(difference(image, reference()), 0) << "writing changed the image";
  EXPECT_THAT(test::error_of([&] { write_image(folder / "a.webp", image); }),
              HasSubstr("image cannot be written; expected a name that ends in .jpg or .png, got .webp"));
  EXPECT_THAT(test::error_of([&] { write_image(folder / "a.png", Image()); }), HasSubstr("empty"));
}

TEST(DecodeTest, ReadsFromAPipe) {
  const test::TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe.png").c_str(), 0600), 0);
  std::thread writer([&] {
    const auto bytes = read_bytes(kImages + "reference.png");
    std::ofstream(folder / "pipe.png", std::ios::binary)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  });
  EXPECT_EQ(difference(read_image(folder / "pipe.png"), reference()), 0);
  writer.join();
}

}  // namespace
}  // namespace regard

#include "regard/image/decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <thread>
#include <vector>

#include "regard/core/error.h"
#include "tests/support.h"

namespace regard {
namespace {

const std::string kImages = REGARD_SOURCE_DIR "/tests/images/";

std::vector<char> read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Image decode(const std::vector<char>& bytes) {
  return decode_image(std::as_bytes(std::span(bytes)), "image");
}

/// The mean difference of samples; 255 where sizes differ.
double difference(const Image& a, const Image& b) {
  if (a.width != b.width || a.height != b.height || a.channels != b.channels) return 255;
  double sum = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) sum += std::abs(a.pixels[i] - b.pixels[i]);
  return sum / static_cast<double>(a.pixels.size());
}

Image reference() {
  return read_image(kImages + "reference.png");
}

cv::Mat reference_bgr() {
  Image image = reference();
  cv::Mat bgr;
  cv::cvtColor(cv::Mat(image.height, image.width, CV_8UC3, image.pixels.data()), bgr, cv::COLOR_RGB2BGR);
  return bgr;
}

Image encoded_and_read(const std::string& ending, const cv::Mat& pixels,
                       const std::vector<int>& settings = {}) {
  std::vector<std::uint8_t> bytes;
  EXPECT_TRUE(cv::imencode(ending, pixels, bytes, settings));
  return decode_image(std::as_bytes(std::span(bytes)), "encoded" + ending);
}

TEST(ImageTest, ReadsRedGreenBlueInThisOrder) {
  const cv::Mat blue(3, 4, CV_8UC3, cv::Scalar(250, 20, 10));
  for (const char* ending : {".jpg", ".png", ".bmp", ".tif", ".webp"}) {
    const Image image = encoded_and_read(ending, blue);
    ASSERT_EQ(image.width, 4) << ending;
    ASSERT_EQ(image.height, 3) << ending;
    EXPECT_NEAR(image.pixels[0], 10, 4) << ending;
    EXPECT_NEAR(image.pixels[1], 20, 4) << ending;
    EXPECT_NEAR(image.pixels[2], 250, 4) << ending;
  }
}

TEST(ImageTest, ReadsLosslessFormatsExactly) {
  for (const char* ending : {".png", ".bmp", ".tif"})
    EXPECT_EQ(difference(encoded_and_read(ending, reference_bgr()), reference()), 0) << ending;
}

TEST(ImageTest, ScalesSixteenBitsToEight) {
  cv::Mat wide;
  reference_bgr().convertTo(wide, CV_16U, 257);
  for (const char* ending : {".png", ".tif"})
    EXPECT_EQ(difference(encoded_and_read(ending, wide), reference()), 0) << ending;
}

TEST(ImageTest, ReadsGreyAsRgb) {
  cv::Mat grey, back;
  cv::cvtColor(reference_bgr(), grey, cv::COLOR_BGR2GRAY);
  cv::cvtColor(grey, back, cv::COLOR_GRAY2RGB);
  Image expected(grey.cols, grey.rows);
  std::copy_n(back.data, expected.pixels.size(), expected.pixels.begin());
  for (const char* ending : {".png", ".bmp", ".tif"})
    EXPECT_EQ(difference(encoded_and_read(ending, grey), expected), 0) << ending;
  EXPECT_LT(difference(encoded_and_read(".jpg", grey), expected), 3);
}

TEST(ImageTest, LaysAlphaOverWhite) {
  const cv::Mat quarter(8, 8, CV_8UC4, cv::Scalar(200, 100, 0, 64));
  for (const Image& image : {encoded_and_read(".png", quarter), encoded_and_read(".webp", quarter),
                             read_image(kImages + "alpha.tif")}) {
    EXPECT_NEAR(image.pixels[0], 191, 2);
    EXPECT_NEAR(image.pixels[1], 216, 2);
    EXPECT_NEAR(image.pixels[2], 241, 2);
  }
}

TEST(ImageTest, TurnsUprightAsExifSays) {
  for (int orientation = 1; orientation <= 8; ++orientation)
    EXPECT_LT(
        difference(read_image(kImages + "orientation" + std::to_string(orientation) + ".jpg"), reference()),
        3)
        << orientation;
  for (const char* name : {"orientation6.tif", "orientation6.webp", "orientation6_alpha.png"})
    EXPECT_EQ(difference(read_image(kImages + name), reference()), 0) << name;
}

TEST(ImageTest, ReadsCmykProgressivePalettesAndBits) {
  EXPECT_LT(difference(read_image(kImages + "cmyk.jpg"), reference()), 3);
  EXPECT_LT(difference(read_image(kImages + "progressive.jpg"), reference()), 3);
  EXPECT_LT(difference(read_image(kImages + "palette.png"), reference()), 6);
  EXPECT_LT(difference(read_image(kImages + "palette_alpha.png"), reference()), 12);
  const Image bits = read_image(kImages + "bilevel.png");
  for (const auto value : bits.pixels) ASSERT_TRUE(value == 0 || value == 255);
}

TEST(ImageTest, ReadsTheFirstOfSeveralFrames) {
  EXPECT_EQ(difference(read_image(kImages + "animated.webp"), reference()), 0);
  EXPECT_EQ(difference(read_image(kImages + "pages.tif"), reference()), 0);
}

TEST(ImageTest, RefusesFilesThatAreCutShort) {
  for (const char* name : {"orientation1.jpg", "progressive.jpg", "cmyk.jpg", "reference.png",
                           "orientation6.webp", "animated.webp", "orientation6.tif"}) {
    const auto whole = read_bytes(kImages + name);
    for (const std::size_t size :
         {whole.size() / 2, whole.size() * 9 / 10, std::size_t{30}, std::size_t{9}}) {
      const std::vector<char> part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_THROW(decode(part), Error) << name << " cut to " << size;
    }
  }
  std::vector<std::uint8_t> bmp;
  cv::imencode(".bmp", reference_bgr(), bmp);
  bmp.resize(bmp.size() / 2);
  EXPECT_THROW(decode_image(std::as_bytes(std::span(bmp)), "bmp"), Error);
}

TEST(ImageTest, ForgivesAJpegThatLacksOnlyItsEndMark) {
  auto bytes = read_bytes(kImages + "orientation1.jpg");
  bytes.resize(bytes.size() - 2);
  EXPECT_LT(difference(decode(bytes), reference()), 3);
}

TEST(ImageTest, NamesTheFileThatIsNoImage) {
  try {
    read_image(kImages + "README.md");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.where(), kImages + "README.md");
  }
  EXPECT_THROW(read_image(kImages + "missing.png"), Error);
  EXPECT_THROW(decode({}), Error);
}

TEST(ImageTest, RefusesHugeImagesBeforeDecodingThem) {
  auto bytes = read_bytes(kImages + "orientation6.webp");
  // A WebP with extended header states its canvas in 24 bits each; nothing of that size is allocated.
  ASSERT_EQ(std::string(bytes.data() + 12, 4), "VP8X");
  for (std::size_t i = 24; i < 30; ++i) bytes[i] = '\x7f';
  try {
    decode(bytes);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("too large"), std::string::npos) << error.what();
  }
}

TEST(ImageTest, WritesWhatItReads) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("regard_image_test" + std::to_string(getpid()));
  const Image image = reference();
  for (const char* name : {"a.png", "a.bmp", "a.jpg", "a.JPEG", "a.webp"}) {
    write_image(folder / name, image);
    EXPECT_LT(difference(read_image(folder / name), image), 6) << name;
  }
  EXPECT_EQ(difference(image, reference()), 0) << "writing changed the image";
  EXPECT_THROW(write_image(folder / "a.gif", image), Error);
  EXPECT_THROW(write_image(folder / "a.png", Image()), Error);
}

void put(std::vector<char>& bytes, std::uint32_t value, int count) {
  for (int i = 0; i < count; ++i) bytes.push_back(static_cast<char>(value >> 8 * i));
}

void put_field(std::vector<char>& bytes, std::uint32_t tag, std::uint32_t count, std::uint32_t value) {
  put(bytes, tag, 2), put(bytes, 4, 2), put(bytes, count, 4), put(bytes, value, 4);
}

// A search of the whole directory for every strip would take minutes.
TEST(ImageTest, ManyStripsInALongDirectoryTakeNoTime) {
  constexpr std::uint32_t kFields = 65535, kStrips = 100'000, kEnd = 8 + 2 + 12 * kFields;
  std::vector<char> bytes{'I', 'I', '*', 0, 8, 0, 0, 0};
  put(bytes, kFields, 2);
  put_field(bytes, 256, 1, 10), put_field(bytes, 257, 1, 10);
  for (std::uint32_t i = 4; i < kFields; ++i) put_field(bytes, 1000, 1, 0);
  put_field(bytes, 273, kStrips, kEnd), put_field(bytes, 279, kStrips, kEnd);
  for (std::uint32_t i = 1; i < kStrips; ++i) put(bytes, 8, 4);
  put(bytes, 0xffff'0000, 4);  // the last strip lies beyond the end
  const auto start = std::chrono::steady_clock::now();
  EXPECT_THAT(test::error_of([&] { decode(bytes); }), testing::HasSubstr("cut short"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST(ImageTest, AFileBeyondOpenCvsReachIsAnError) {
  constexpr std::size_t kSize = (std::size_t{1} << 32) + 100;  // cast to int, it would be 100
  void* memory =
      ::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) GTEST_SKIP() << "no room to map";
  std::vector<std::uint8_t> bmp;
  cv::imencode(".bmp", reference_bgr(), bmp);
  std::copy(bmp.begin(), bmp.end(), static_cast<std::uint8_t*>(memory));
  const std::span bytes(static_cast<const std::byte*>(memory), kSize);
  EXPECT_THAT(test::error_of([&] { decode_image(bytes, "large.bmp"); }), testing::HasSubstr("too large"));
  ::munmap(memory, kSize);
}

TEST(ImageTest, IsReadFromAPipe) {
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

TEST(ImageTest, WritesNoViewThatIsNoImage) {
  const test::TemporaryFolder folder;
  const Image image = reference();
  ImageView view = image;
  view.channels = 2;
  EXPECT_THROW(write_image(folder / "x.png", view), Error);
}

}  // namespace
}  // namespace regard

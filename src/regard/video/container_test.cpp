#include "regard/video/container.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/support.h"

namespace regard {
namespace {

using std::string_literals::operator""s;

ContainerExtent extent_of(const std::string& file) {
  return container_extent(
      [&](std::uint64_t at, std::span<unsigned char> to) {
        if (at >= file.size()) return std::size_t{0};
        return file.copy(reinterpret_cast<char*>(to.data()), to.size(), at);
      },
      file.size());
}

const std::string kType = "\0\0\0\x10"s + "ftypisom\0\0\0\0"s;

TEST(ContainerTest, Mp4) {
  const auto whole = extent_of(kType + "\0\0\0\x08moov\0\0\0\x0cmdat1234"s);
  EXPECT_EQ(whole.stated, 36u);
  EXPECT_FALSE(whole.cut_off() || whole.lacks_index);
}

TEST(ContainerTest, Mp4CutOff) {
  const auto cut = extent_of(kType + "\0\0\0\x08moov\0\0\0\x0cmdat12"s);
  EXPECT_TRUE(cut.cut_off());
  EXPECT_EQ(cut.stated, 36u);
  EXPECT_FALSE(cut.lacks_index);
}

TEST(ContainerTest, Mp4WithoutIndex) {
  EXPECT_TRUE(extent_of(kType + "\0\0\0\x0cmdat12"s).lacks_index);
  EXPECT_TRUE(extent_of(kType + "\0\0\0\0mdat12"s).lacks_index) << "a box up to the end of the file";
}

TEST(ContainerTest, Mp4WithLargeBox) {
  const auto extent = extent_of(kType + "\0\0\0\x08moov\0\0\0\x01mdat\0\0\0\x02\0\0\0\x00 and so on"s);
  EXPECT_EQ(extent.stated, 24 + (2ull << 32));
}

TEST(ContainerTest, Mp4WithImpossibleSizes) {
  EXPECT_FALSE(extent_of(kType + "\0\0\0\x04moov"s).cut_off());
  EXPECT_FALSE(extent_of(kType + "\0\0\0\x01moov\xff\xff\xff\xff\xff\xff\xff\xff"s).cut_off())
      << "no overflow";
}

TEST(ContainerTest, Matroska) {
  const std::string header = "\x1a\x45\xdf\xa3\x82xx\x18\x53\x80\x67"s;
  EXPECT_EQ(extent_of(header + "\x84"
                               "1234")
                .stated,
            16u);
  EXPECT_TRUE(extent_of(header + "\x84"
                                 "12")
                  .cut_off());
  EXPECT_FALSE(extent_of(header + "\x01\xff\xff\xff\xff\xff\xff\xff 12").cut_off()) << "of unknown size";
}

TEST(ContainerTest, Avi) {
  EXPECT_EQ(extent_of("RIFF\x08\0\0\0AVI 1234"s).stated, 16u);
  EXPECT_TRUE(extent_of("RIFF\x08\0\0\0AVI 12"s).cut_off());
  EXPECT_EQ(extent_of("RIFF\x08\0\0\0AVI 1234RIFF\x09\0\0\0AVIX1234"s).stated, 33u) << "two lists";
}

TEST(ContainerTest, OthersSayNothing) {
  for (const auto& file : {""s, "G"s, "no video"s, std::string(64, '\xff')}) {
    EXPECT_EQ(extent_of(file).stated, 0u);
    EXPECT_FALSE(extent_of(file).lacks_index);
  }
}

TEST(ContainerTest, NoFile) {
  EXPECT_EQ(test::error_of([] { container_extent("/no/such.mp4"); }),
            "/no/such.mp4: file cannot be read; got No such file or directory");
  EXPECT_EQ(test::error_of([] { container_extent("/dev/null"); }), "/dev/null: is no regular file");
}

}  // namespace
}  // namespace regard

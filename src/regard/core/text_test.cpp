#include "regard/core/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "tests/support.h"

namespace regard {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Text, PartsAreJoined) {
  EXPECT_EQ(join(std::vector<std::string>{"a", "b", "c"}), "a, b, c");
  EXPECT_EQ(join(std::array{"a", "", "c"}, "."), "a..c");
  EXPECT_EQ(join(std::vector<std::string>{"", "b"}, " "), " b");
  EXPECT_EQ(join(std::vector<std::string>{}), "");
}

TEST(Text, ANumberIsTheWholeText) {
  EXPECT_EQ(whole_number<int>("-12"), -12);
  EXPECT_EQ(whole_number<float>("2.5"), 2.5f);
  for (const char* text : {"", " 1", "1 ", "+1", "1.5", "x", "99999999999"})
    EXPECT_EQ(whole_number<int>(text), std::nullopt) << text;
}

TEST(Text, MarkupIsEscaped) {
  EXPECT_EQ(escape_html("a <b> & 'c' \"d\""), "a &lt;b&gt; &amp; &#39;c&#39; &quot;d&quot;");
}

TEST(Text, TheFirstFewNames) {
  EXPECT_EQ(some_of({}), "nothing");
  EXPECT_EQ(some_of({"a", "b"}), "a, b");
  EXPECT_EQ(some_of({"1", "2", "3", "4", "5", "6", "7", "8"}), "1, 2, 3, 4, 5, 6 and 2 more");
}

TEST(Text, WidthCountsCharacters) {
  EXPECT_EQ(text_width(""), 0u);
  EXPECT_EQ(text_width("größer"), 6u);
}

TEST(Text, ByteOrderMarksAreDroppedAndUtf16IsDecoded) {
  using namespace std::string_literals;
  const auto decoded = [](std::string bytes) { return decode_text(std::move(bytes), "a.csv"); };
  EXPECT_EQ(decoded(""), "");
  EXPECT_EQ(decoded("a,b\r\n"), "a,b\r\n");
  EXPECT_EQ(decoded("\xef\xbb\xbf"
                    "a,b"),
            "a,b");
  EXPECT_EQ(decoded("\xff\xfe"
                    "a\0\xe4\0\xac\x20"s),
            "aä€");                                                     // little-endian
  EXPECT_EQ(decoded("\xfe\xff\0a\0\xe4\x20\xac"s), "aä€");              // big-endian
  EXPECT_EQ(decoded("\xff\xfe\x3d\xd8\x00\xde"s), "\xf0\x9f\x98\x80");  // a pair: U+1F600
  EXPECT_EQ(decoded("\xff\xfe\x3d\xd8"
                    "a\0b"s),
            "\xef\xbf\xbd"
            "a\xef\xbf\xbd");               // halves
  EXPECT_EQ(decoded("a\0,\0b\0"s), "a,b");  // without a mark
  EXPECT_EQ(decoded("\0a\0,\0b"s), "a,b");
  EXPECT_EQ(decoded("gr\xf6\xdf"
                    "er.png"),
            "gr\xf6\xdf"
            "er.png");  // Latin-1 is somebody's name
}

TEST(Text, WhatIsNoTextIsCalledByItsName) {
  using namespace std::string_literals;
  const auto error = [](std::string bytes) {
    return test::error_of([&] { decode_text(std::move(bytes), "list.csv"); });
  };
  EXPECT_THAT(error("PK\x03\x04xyz"), AllOf(HasSubstr("list.csv: file is not text"), HasSubstr(".xlsx")));
  EXPECT_THAT(error("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), HasSubstr("got an old spreadsheet"));
  EXPECT_THAT(error("\x1f\x8b\x08\x08xyz"), HasSubstr("got a gzip archive"));
  EXPECT_THAT(error("SQLite format 3\0"s), HasSubstr("got a SQLite database"));
  EXPECT_THAT(error("%PDF-1.7\n"), HasSubstr("got a PDF document"));
  EXPECT_THAT(error("<!DOCTYPE html>\n<p>404"), HasSubstr("got an HTML page"));
  EXPECT_THAT(error("version https://git-lfs.github.com/spec/v1\n"), HasSubstr("got a Git LFS pointer"));
  EXPECT_THAT(error("\x89PNG\r\n\x1a\n"), HasSubstr("got binary data"));
  EXPECT_THAT(error("abc\ndef\0"s), HasSubstr("a zero at byte 7"));
  EXPECT_THAT(error("\xff\xfe\0\0a\0\0\0"s), HasSubstr("got binary data"));  // UTF-32
  for (const char* text :
       {"pic_wide.png\n", "ID3_1.png\n", "Rar!.png\n", "", "\n\t", "first image\nx\x01.png"})
    EXPECT_EQ(error(text), "") << text;
}

TEST(Text, LinesOfAnySystem) {
  EXPECT_THAT(lines_of(""), ElementsAre());
  EXPECT_THAT(lines_of("a\n\nb\r\nc\rd"), ElementsAre("a", "", "b", "c", "d"));
  EXPECT_THAT(lines_of("a\n"), ElementsAre("a"));
}

TEST(Text, WordsBetweenBlanksAndOthers) {
  EXPECT_THAT(words_of(" a\t b\r"), ElementsAre("a", "b"));
  EXPECT_THAT(words_of("a, b;;c", " ,;"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(words_of("  "), ElementsAre());
}

}  // namespace
}  // namespace regard

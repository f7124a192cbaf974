#include "regard/core/content.h"

#include <gtest/gtest.h>

#include <string>

namespace regard {
namespace {

std::string describe(const std::string& bytes) {
  return std::string(describe_content(std::as_bytes(std::span(bytes))));
}

TEST(ContentTest, NamesWhatTheFirstBytesLookLike) {
  EXPECT_EQ(describe("%PDF-1.7\n"), "a PDF document");
  EXPECT_EQ(describe(std::string("\0\0\0\x20", 4) + "ftypmp42"), "an MP4 video");
  EXPECT_EQ(describe(std::string("\0\0\0\x14", 4) + "ftypqt  "), "a QuickTime video");
  EXPECT_EQ(describe("\x1f\x8b\x08"), "a gzip archive");
  EXPECT_EQ(describe("PK\3\4..."), "a ZIP archive");
  EXPECT_EQ(describe("RIFF....AVI "), "an AVI video");
  EXPECT_EQ(describe("version https://git-lfs.github.com/spec/v1\n"),
            "a Git LFS pointer, whose file was not fetched");
  EXPECT_EQ(describe(std::string(257, 'x') + "ustar"), "a tar archive");
}

TEST(ContentTest, TellsKindsOfTextApart) {
  EXPECT_EQ(describe("\n  <!DOCTYPE html>\n<html>"), "an HTML page");
  EXPECT_EQ(describe("\xef\xbb\xbf<HTML lang='en'>"), "an HTML page");
  EXPECT_EQ(describe("<?xml version='1.0'?><svg xmlns='...'>"), "an SVG drawing");
  EXPECT_EQ(describe("<?xml version='1.0'?><list/>"), "an XML file");
  EXPECT_EQ(describe("name,label\n\xc3\xa9,1\n"), "text");
}

TEST(ContentTest, SaysSoWhereNothingIsKnown) {
  EXPECT_EQ(describe(""), "an empty file");
  EXPECT_EQ(describe(std::string(100, '\0')), "zeros");
  EXPECT_EQ(describe("\1\2\3"), "something else");
}

}  // namespace
}  // namespace regard

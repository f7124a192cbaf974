#include "lab/datasets/lists.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "regard/core/file.h"
#include "tests/support.h"

namespace regard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kHash = "3b0b853a09137a3cc3cd031debbe3131c1b61b4879853daa60204fde";
const std::vector<std::string> kNames{"fer0000000.png",
                                      "fer0000001.png",
                                      "fer0000002.png",
                                      "test_0007_aligned.jpg",
                                      "217/" + std::string(kHash) + ".jpg",
                                      "7_own.png",
                                      "fer 01.png",
                                      "Smith, John 2.png"};

class Lists : public testing::Test {
 protected:
  static ListMatch match(const std::string& text) {
    const test::TemporaryFolder folder;
    write_text_atomically(folder / "list.txt", text);
    return match_list(read_list(folder / "list.txt"), kNames, "the list");
  }
};

TEST_F(Lists, FerplusOcclusion) {
  const auto result = match("3_fer0000002.png 8 1\r\n0_fer0000000.png 8 3\r\n\r\n3_fer0000002.png 8 1\r\n");
  EXPECT_THAT(result.members, ElementsAre(0, 2));
  EXPECT_THAT(result.types, ElementsAre("glasses-mask", "bottom"));
  EXPECT_EQ(result.absent, 0u);
}

TEST_F(Lists, FerplusPose) {
  const auto result = match("0/fer0000000.jpg\n4/fer0000009.jpg\n4/fer0000009.jpg\n1/fer0000001.jpg");
  EXPECT_THAT(result.members, ElementsAre(0, 1));
  EXPECT_THAT(result.types, ElementsAre("", ""));
  EXPECT_EQ(result.absent, 1u);  // named twice, counted once
}

/// The last number of val_ferplus_mn.txt counts frames.
TEST_F(Lists, FerplusFramesAreNoOcclusion) {
  const auto result =
      match("0_fer0000000.txt 0_fer0000000_label.txt 4\n2_fer0000002.txt 2_fer0000002_label.txt 3\n");
  EXPECT_THAT(result.members, ElementsAre(0, 2));
  EXPECT_THAT(result.types, ElementsAre("", ""));
}

/// As in AffectNet's lists: 1,944 different images in 1,949 lines.
TEST_F(Lists, RepeatedLinesAreCounted) {
  const std::string hash(kHash);
  const auto result =
      match("4/" + hash + "/8.jpg\n4/" + hash + "/8.jpg\n0/fer0000001.jpg\n3/" + hash + "/8.jpg\n");
  EXPECT_THAT(result.members, ElementsAre(1, 4));
  EXPECT_EQ(result.repeated, 2u);
  EXPECT_EQ(match("fer0000001\nfer0000002\n").repeated, 0u);
}

TEST_F(Lists, RafDb) {
  EXPECT_THAT(match("test_0007_aligned 3 4\n").types, ElementsAre("glasses-mask"));
  EXPECT_THAT(match("test_0007_aligned 3 2\r\ntest_0007_aligned 3 2\r\n").types, ElementsAre("2"));
  EXPECT_EQ(match("test_0007 3 1\n").members.size(), 1u);
  EXPECT_THAT(match("name label\n5/test_0007_aligned.jpg\n").members, ElementsAre(3));
}

TEST_F(Lists, AffectNet) {
  const std::string hash(kHash);
  for (const auto& line :
       {"val/0/" + hash + "/", "0/" + hash + ".jpg", "4/" + hash + "/8.jpg", "0/" + hash + "/", hash})
    EXPECT_THAT(match(line + "\r\n\r\n" + line + "\r\n").members, ElementsAre(4)) << line;
  EXPECT_EQ(match("4/" + hash + "/8.jpg\n4/" + std::string(56, 'a') + "/8.jpg\n").absent, 1u);
}

TEST_F(Lists, AHeaderOfPoseListsIsNoImage) {
  EXPECT_EQ(match("558\n5/test_0007_aligned.jpg\n").absent, 0u);
}

TEST_F(Lists, PlainNamesWithAndWithoutExtension) {
  const auto result = match("fer0000001\nfer0000002.png\n  fer0000000.tiff  \n");
  EXPECT_THAT(result.members, ElementsAre(0, 1, 2));
}

TEST_F(Lists, HeadersAreNotAbsentImages) {
  EXPECT_EQ(match("image,label,type\nfer0000001,2,1\n").absent, 0u);
  EXPECT_EQ(match("605\nfer0000001\n").absent, 0u);
  EXPECT_EQ(match("fer0000077\nfer0000001\n").absent, 1u);
  EXPECT_EQ(match("fer0000001\nimage\n").absent, 1u);  // no header in the middle
}

TEST_F(Lists, ByteOrderMarkAndOldMacLineEnds) {
  EXPECT_THAT(match("\xef\xbb\xbf"
                    "fer0000001.png\rfer0000002.png\r")
                  .members,
              ElementsAre(1, 2));
}

TEST_F(Lists, ANameThatBeginsWithANumberIsFoundAsItIs) {
  EXPECT_THAT(match("7_own.png 8 0\n").members, ElementsAre(5));
}

using Members = std::vector<std::size_t>;

TEST_F(Lists, TablesOfAnyKind) {
  const Members both{0, 2};
  EXPECT_EQ(match("\"image\",\"label\"\n\"fer0000000.png\",\"1\"\n\"fer0000002.png\",\"0\"\n").members, both);
  EXPECT_EQ(match("label;image\r\n1;fer0000000.png\r\n0;fer0000002.png\r\n").members, both);
  EXPECT_EQ(match("1\tfer0000000\n0\tfer0000002\n").members, both);
  EXPECT_EQ(match("0,happy,faces/fer0000000.png\n1,happy,faces/fer0000002.png\n").members, both);
  EXPECT_EQ(match("index,name,score\n1,fer0000000,0.5\n2,fer0000002,0.25\n").members, both);
  EXPECT_EQ(match("1,,fer0000000.png\n\n,,\n2,,fer0000002.png\n").members, both);
  EXPECT_THAT(match("1,3_fer0000000.png,8,3\n2,3_fer0000002.png,8,1\n").types,
              ElementsAre("glasses-mask", "bottom"));
  for (const char* table : {"\"image\",\"label\"\nfer0000001,1\n", "label;file\n1;fer0000001\n",
                            "nr\thappy\tImage\n1\t0.5\tfer0000001\n"})
    EXPECT_EQ(match(table).absent, 0u) << table;
}

TEST_F(Lists, SeveralNamesInALine) {
  const Members all{0, 1, 2};
  for (const char* line :
       {"fer0000000.png fer0000001.png fer0000002.png\n", "fer0000000.png,fer0000001.png,fer0000002.png",
        "fer0000000.png; fer0000001.png; fer0000002.png;\n", "fer0000000.png fer0000001.png, fer0000002.png",
        "fer0000000 fer0000001 fer0000002", "fer0000000,fer0000001,fer0000002\n",
        "fer0000000.png,3,fer0000001.png,0,fer0000002.png,1\n",
        "\"fer0000000.png\" \"fer0000001.png\" \"fer0000002.png\"",
        "3 fer0000000.png 0 fer0000001.png 2 fer0000002.png",
        "my dir/fer0000000.png b/fer0000001.png fer0000002.png",
        "[\"fer0000000.png\", \"fer0000001.png\",\n \"fer0000002.png\"]\n",
        "['fer0000000', 'fer0000001', 'fer0000002']"}) {
    EXPECT_EQ(match(line).members, all) << line;
    EXPECT_EQ(match(line).absent, 0u) << line;
  }
}

TEST_F(Lists, BlanksAndCommasWithinNames) {
  const Members one{6}, other{7};
  for (const char* line : {"fer 01.png", "fer 01", "\"fer 01.png\" 8 1", "my faces/fer 01.png 8 1",
                           "7 my faces\\fer 01.png", "7,my faces/fer 01.png", "3 fer 01 8 1"})
    EXPECT_EQ(match(line).members, one) << line;
  EXPECT_EQ(match("Smith, John 2.png\nSmith, John 3.png\n").members, other);
  EXPECT_EQ(match("\"Smith, John 2.png\",1\n").members, other);
}

TEST_F(Lists, LabelOrIndexFirst) {
  EXPECT_EQ(match("3 fer0000000\n2 fer0000002\n").members, (Members{0, 2}));
  EXPECT_EQ(match("17 test_0007_aligned\n").members, Members{3});
  EXPECT_EQ(
      match_list(parse_list("12 happy\n13 sad\n", "l"), std::vector<std::string>{"12.jpg", "3.jpg"}, "l")
          .members,
      Members{0});
  EXPECT_EQ(match_list(parse_list("123.jpg 8 1\n12.jpg 8 1\n", "l"),
                       std::vector<std::string>{"12.jpg", "8.jpg"}, "l")
                .members,
            Members{0});
}

TEST_F(Lists, AnyEncoding) {
  EXPECT_THAT(match(std::string("\xff\xfe"
                                "7\0_\0o\0w\0n\0\n\0",
                                12))
                  .members,
              ElementsAre(5));
  EXPECT_THAT(test::error_of([] { match("PK\x03\x04"); }), HasSubstr("spreadsheet"));
}

TEST_F(Lists, NothingListedOrNothingFoundIsAnError) {
  EXPECT_THAT(test::error_of([] { match("\r\n\r\n"); }), HasSubstr("list.txt: list names no images"));
  EXPECT_THAT(test::error_of([] { match("fer0000055.png\n"); }),
              HasSubstr("the list: list names none of the split's images; got fer0000055"));
  EXPECT_THAT(test::error_of([] { read_list("/nonexistent/list.txt"); }), HasSubstr("No such file"));
  EXPECT_THAT(test::error_of([] { match("a,\"b\nc,d\n"); }), HasSubstr("list.txt:1: a quote is not closed"));
}

}  // namespace
}  // namespace regard

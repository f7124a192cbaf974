#include "regard/core/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace regard {
namespace {

using testing::ElementsAre;

TEST(Text, PartsAreJoined) {
  EXPECT_EQ(join(std::vector<std::string>{"a", "b", "c"}), "a, b, c");
  EXPECT_EQ(join(std::array{"a", "", "c"}, "."), "a..c");
  EXPECT_EQ(join(std::vector<std::string>{"", "b"}, " "), " b");
  EXPECT_EQ(join(std::vector<std::string>{}), "");
}

TEST(Text, WidthCountsCharacters) {
  EXPECT_EQ(text_width(""), 0u);
  EXPECT_EQ(text_width("größer"), 6u);
}

TEST(Text, FieldsOfCsv) {
  EXPECT_THAT(csv_fields(""), ElementsAre(""));
  EXPECT_THAT(csv_fields("a,,c\r"), ElementsAre("a", "", "c"));
  EXPECT_THAT(csv_fields(R"("a, b","say ""x""",c)"), ElementsAre("a, b", R"(say "x")", "c"));
}

TEST(Text, FieldOfCsvComesBack) {
  EXPECT_EQ(csv_field("a b"), "a b");
  for (const std::string text : {"", "a b", "a, b", R"(say "x")", "\"", ","})
    EXPECT_THAT(csv_fields(csv_field(text) + ",c"), ElementsAre(text, "c"));
  EXPECT_EQ(csv_field("two\nlines"), "\"two\nlines\"");
}

}  // namespace
}  // namespace regard

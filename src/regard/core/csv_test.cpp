#include "regard/core/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "tests/support.h"

namespace regard {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using Fields = std::vector<std::string>;

std::vector<CsvRow> rows_of(std::string_view text, char separator = ',') {
  CsvReader reader(text, "a.csv", separator);
  std::vector<CsvRow> rows;
  while (auto row = reader.next()) rows.push_back(*row);
  return rows;
}

std::vector<Fields> fields_of(std::string_view text, char separator = ',') {
  std::vector<Fields> fields;
  for (auto& row : rows_of(text, separator)) fields.push_back(row.fields);
  return fields;
}

TEST(Csv, RowsAndFields) {
  EXPECT_THAT(fields_of(""), ElementsAre());
  EXPECT_THAT(fields_of("a,,c"), ElementsAre(Fields{"a", "", "c"}));
  EXPECT_THAT(fields_of("a,b\n\n  \r\n,\n"), ElementsAre(Fields{"a", "b"}, Fields{"", ""}));
  EXPECT_THAT(fields_of(R"("a, b","say ""x""",c)"), ElementsAre(Fields{"a, b", R"(say "x")", "c"}));
  EXPECT_THAT(fields_of("a;b,c\td", ';'), ElementsAre(Fields{"a", "b,c\td"}));
  EXPECT_THAT(fields_of("my face.png, \"1\" ,2"), ElementsAre(Fields{"my face.png", "1", "2"}));
  EXPECT_THAT(fields_of("5\" face.png,\"\""), ElementsAre(Fields{"5\" face.png", ""}));
}

TEST(Csv, AllLineEnds) {
  for (const std::string text : {"a,b\nc,d\n", "a,b\r\nc,d", "a,b\rc,d\r", "a,b\n\r\nc,d\r\n"})
    EXPECT_THAT(fields_of(text), ElementsAre(Fields{"a", "b"}, Fields{"c", "d"})) << text;
}

TEST(Csv, RowsKnowTheirLines) {
  const auto rows = rows_of("a\n\n\"two\nlines\",x\r\nb\r\"c\r\nd\"\ne");
  std::vector<int> lines;
  for (const auto& row : rows) lines.push_back(row.line);
  EXPECT_THAT(lines, ElementsAre(1, 3, 5, 6, 8));
  EXPECT_EQ(CsvReader("", "a.csv").place(rows[1]), "a.csv:3");
}

TEST(Csv, AQuoteThatIsNotClosedIsNamed) {
  EXPECT_THAT(test::error_of([] { rows_of("a,b\n\"c,d\ne,f\n"); }),
              AllOf(HasSubstr("a.csv:2"), HasSubstr("a quote is not closed")));
}

TEST(Csv, TheSeparatorIsTheFirstLinesMostFrequent) {
  EXPECT_EQ(csv_separator("name"), ',');
  EXPECT_EQ(csv_separator("a;b;c\n1,5;2,5;3,5\n"), ';');
  EXPECT_EQ(csv_separator("a\tb,\tc\n"), '\t');
  EXPECT_EQ(csv_separator("\"a;b;c\",d\n"), ',');
}

TEST(Csv, ColumnsAreFoundByName) {
  const CsvRow header{{"x", "file", "y"}, 1}, loose{{" File", "X ", " "}, 1};
  constexpr std::array<const char*, 2> kNames{"file", "x"}, kOthers{"file", "z"};
  EXPECT_THAT(csv_columns(header, kNames, "a.csv"), ElementsAre(1, 0));
  EXPECT_THAT(csv_columns(loose, kNames, "a.csv"), ElementsAre(0, 1));
  EXPECT_THAT(test::error_of([&] { csv_columns(header, kOthers, "a.csv"); }),
              AllOf(HasSubstr("a.csv: column 'z' is missing"), HasSubstr("got x,file,y")));
}

TEST(Csv, WhatIsWrittenIsReadBack) {
  const std::vector<Fields> rows{{"", "a b", "a, b"},
                                 {R"(say "x")", "\"", ","},
                                 {"two\nlines", "old\rMac", "DOS\r\nlines\n"},
                                 {" blanks ", "semi;colon", "\ttab"},
                                 {""},
                                 {"größer", "\xff\xfe", "'"}};
  std::string text;
  for (const auto& row : rows) text += csv_row(row);
  EXPECT_EQ(fields_of(text), rows);
  EXPECT_EQ(csv_row(Fields{"a", "b c", ""}), "a,b c,\n");
}

}  // namespace
}  // namespace regard

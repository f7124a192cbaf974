#include "regard/clip/row_file.h"

#include <gtest/gtest.h>

#include <string>

#include "regard/core/file.h"
#include "tests/support.h"

namespace regard {
namespace {

using test::TemporaryFolder;

TEST(RowFileTest, GoesOnWhereverItWasCut) {
  const TemporaryFolder folder;
  const std::string whole = "head\n1,a\n2,b\n3,c\n";
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    write_text_atomically(folder / "rows.csv", whole.substr(0, length));
    RowFile rows(folder / "rows.csv", true);
    for (const auto* row : {"head\n", "1,a\n2,b\n", "3,c\n"}) rows.write(row);
    EXPECT_EQ(read_text(folder / "rows.csv"), whole) << length;
  }
}

TEST(RowFileTest, BeginsAnewUnlessTold) {
  const TemporaryFolder folder;
  write_text_atomically(folder / "rows.csv", "old\n");
  RowFile(folder / "rows.csv", false).write("new\n");
  EXPECT_EQ(read_text(folder / "rows.csv"), "new\n");
}

TEST(RowFileTest, RefusesOtherRows) {
  const TemporaryFolder folder;
  write_text_atomically(folder / "rows.csv", "head\n1,a\n");
  RowFile rows(folder / "rows.csv", true);
  rows.write("head\n");
  EXPECT_EQ(
      test::error_of([&] { rows.write("1,b\n"); }),
      (folder / "rows.csv").string() +
          ": the rows of this table are not those of the run that is to be continued; expected 1,b, got 1,a");
  EXPECT_EQ(read_text(folder / "rows.csv"), "head\n1,a\n");
}

}  // namespace
}  // namespace regard

#include "lab/data/fold_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "regard/core/file.h"
#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using testing::AllOf;
using testing::HasSubstr;

class FoldLists : public testing::Test {
 protected:
  FoldList read(const std::string& text) {
    write_text_atomically(folder_ / "folds.csv", text);
    return FoldList::read(folder_ / "folds.csv");
  }
  std::string error(const std::string& text) {
    return error_of([&] { read(text); });
  }
  test::TemporaryFolder folder_;
};

TEST_F(FoldLists, TellTheFoldOfEveryImage) {
  const auto list = read("# five folds\na.png,0\n\"b,1.png\",4\n\nc.png,2\n");
  EXPECT_EQ(list.fold("a.png"), 0);
  EXPECT_EQ(list.fold("b,1.png"), 4);
  EXPECT_EQ(list.count(), 5);
  EXPECT_EQ(list.sha256().size(), 64u);
  EXPECT_THAT(error_of([&] { list.fold("d.png"); }), AllOf(HasSubstr("no fold"), HasSubstr("d.png")));
}

TEST_F(FoldLists, LinesThatAreNoneAreErrorsThatNameThem) {
  for (const auto* line : {"b.png", "b.png,x", "b.png,-1", "b.png,1,2", ",1", "b.png,1x", "b.png,"})
    EXPECT_THAT(error(std::string("a.png,0\n") + line + "\n"),
                AllOf(HasSubstr("folds.csv:2"), HasSubstr("NAME,FOLD")));
  EXPECT_THAT(error("a.png,0\na.png,1\n"), AllOf(HasSubstr("folds.csv:2"), HasSubstr("twice")));
}

}  // namespace
}  // namespace regard

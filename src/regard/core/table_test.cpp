#include "regard/core/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using testing::AllOf;
using testing::HasSubstr;

struct Number {
  const char* name;
  int value;
};

constexpr std::array kNumbers{Number{"one", 1}, Number{"two", 2}};

TEST(FindRow, FindsByName) {
  EXPECT_EQ(find_row(kNumbers, "two", "number").value, 2);
}

TEST(FindRow, AnUnknownNameIsAnErrorThatListsTheKnown) {
  EXPECT_THAT(error_of([] { find_row(kNumbers, "three", "number"); }),
              AllOf(HasSubstr("unknown number"), HasSubstr("three"), HasSubstr("one, two")));
}

struct Kind {
  const char* ending;
};

TEST(FindEnding, FindsByTheEndingOfAFile) {
  constexpr std::array kKinds{Kind{".csv"}, Kind{".eaf"}};
  EXPECT_EQ(&find_ending(kKinds, "a/b.c.eaf", "kind of file"), &kKinds[1]);
  EXPECT_EQ(error_of([&] { find_ending(kKinds, "a/b.txt", "kind of file"); }),
            "a/b.txt: unknown kind of file; expected .csv, .eaf, got .txt");
}

struct Cat {
  static constexpr const char* kName = "cat";
  static int legs() { return 4; }
};
struct Hen {
  static constexpr const char* kName = "hen";
  static int legs() { return 2; }
};
using Animals = TypeTable<Cat, Hen>;

int legs_of(const std::string& name) {
  return Animals::with(name, "animal", [](auto row) { return row.legs(); });
}

TEST(TypeTable, UsesTheRowOfTheName) {
  EXPECT_EQ(legs_of("cat"), 4);
  EXPECT_EQ(legs_of("hen"), 2);
  EXPECT_THAT(Animals::names(), testing::ElementsAre("cat", "hen"));
}

TEST(TypeTable, AnUnknownNameIsAnErrorThatListsTheKnown) {
  EXPECT_THAT(error_of([] { legs_of("dog"); }),
              AllOf(HasSubstr("unknown animal"), HasSubstr("dog"), HasSubstr("cat, hen")));
}

}  // namespace
}  // namespace regard

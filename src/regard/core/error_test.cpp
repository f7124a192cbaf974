#include "regard/core/error.h"

#include <gtest/gtest.h>

namespace regard {
namespace {

TEST(Error, TellsWhereWhatExpectedAndGot) {
  const Error error("weight has the wrong shape", "a.safetensors", "[2]", "[3]");
  EXPECT_STREQ(error.what(), "a.safetensors: weight has the wrong shape; expected [2], got [3]");
  EXPECT_EQ(error.where(), "a.safetensors");
  EXPECT_EQ(error.expected(), "[2]");
  EXPECT_EQ(error.got(), "[3]");
}

TEST(Error, LeavesEmptyPartsOut) {
  EXPECT_STREQ(Error("no face").what(), "no face");
  EXPECT_STREQ(Error("no face", "a.png").what(), "a.png: no face");
  EXPECT_STREQ(Error("no face", "", "one").what(), "no face; expected one");
  EXPECT_STREQ(Error("no face", "", "", "two").what(), "no face; got two");
}

}  // namespace
}  // namespace regard

#include "regard/core/module.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support.h"

namespace regard {
namespace {

TEST(ModuleTest, OneThatIsNotThere) {
  EXPECT_THAT(
      test::error_of([] {
        load_module({"libregard_none.so", "function", "does nothing", "a miracle"});
      }),
      ::testing::MatchesRegex(".*/libregard_none.so: the part of regard that does nothing cannot be loaded; "
                              "expected a miracle, got .*"));
}

}  // namespace
}  // namespace regard

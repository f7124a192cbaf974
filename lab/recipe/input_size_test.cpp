#include "lab/recipe/input_size.h"

#include <gtest/gtest.h>

namespace regard {
namespace {

TEST(InputSize, IsTheLargestThatTheNetworkLooksAt) {
  const auto recipes = std::filesystem::path(REGARD_SOURCE_DIR) / "recipes";
  EXPECT_EQ(input_size_of(read_recipe(recipes / "ran/plain.toml")), 224);
  EXPECT_EQ(input_size_of(read_recipe(recipes / "ran/ran.toml")), 224);
  EXPECT_EQ(input_size_of(read_recipe(recipes / "phanet/kdef.toml")), 160);
  // trained at 112 pixels, used at 144
  EXPECT_EQ(input_size_of(read_recipe(recipes / "phanet/plain.toml")), 144);
  EXPECT_EQ(input_size_of(Recipe{}), 160);
}

}  // namespace
}  // namespace regard

#include "regard/train/recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "regard/core/file.h"

namespace regard {
namespace {

namespace fs = std::filesystem;

std::string error_of(const std::string& toml) {
  const auto path = fs::path(testing::TempDir()) / "recipe_test.toml";
  write_text_atomically(path, toml);
  try {
    read_recipe(path);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Recipe, EveryShippedRecipeIsReadAndNamesANetwork) {
  int count = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(REGARD_SOURCE_DIR) / "recipes")) {
    if (entry.path().extension() != ".toml") continue;
    const auto recipe = read_recipe(entry.path());
    EXPECT_NO_THROW(describe_network({recipe.network, recipe.options, 48, 8, 1})) << entry.path();
    ++count;
  }
  EXPECT_GT(count, 0);
}

TEST(Recipe, ErrorsNameFileKeyAndLine) {
  EXPECT_THAT(error_of("epochs = 0"),
              testing::AllOf(testing::HasSubstr("epochs"), testing::HasSubstr("recipe_test.toml")));
  EXPECT_THAT(error_of("epoch = 3"), testing::HasSubstr("did you mean 'epochs'"));
  EXPECT_THAT(error_of("epochs = 'three'"), testing::HasSubstr("epochs"));
  EXPECT_THAT(error_of("[optimizer]\nrat = 1"), testing::HasSubstr("did you mean 'rate'"));
  EXPECT_THAT(error_of("[augment]\nblur = 1.5"), testing::HasSubstr("augment: blur"));
  EXPECT_THAT(error_of("epochs = 3\nbatch ="), testing::HasSubstr("recipe_test.toml:2"));
  EXPECT_EQ(error_of("epochs = 3\n[optimizer]\nrate = 0.1"), "");
}

TEST(Recipe, StartIsRelativeToTheRecipe) {
  const auto path = fs::path(testing::TempDir()) / "recipe_start_test.toml";
  write_text_atomically(path, "start = '../a.safetensors'");
  EXPECT_EQ(read_recipe(path).start,
            (fs::path(testing::TempDir()) / "../a.safetensors").lexically_normal().string());
}

}  // namespace
}  // namespace regard

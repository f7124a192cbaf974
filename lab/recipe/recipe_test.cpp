#include "lab/recipe/recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "regard/core/file.h"
#include "regard/network/network.h"
#include "tests/recipes.h"
#include "tests/support.h"

namespace regard {
namespace {

namespace fs = std::filesystem;

std::string error_of(const std::string& toml) {
  const test::TemporaryFolder folder;
  const auto path = folder / "recipe_test.toml";
  write_text_atomically(path, toml);
  try {
    read_recipe(path);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Recipe, EveryShippedRecipeIsReadAndNamesANetwork) {
  for (const auto& path : test::shipped_recipes()) {
    const auto recipe = read_recipe(path);
    EXPECT_NO_THROW(describe_network({recipe.network, recipe.options, 48, 8, 1})) << path;
  }
  EXPECT_GT(test::shipped_recipes().size(), 20u);
}

TEST(Recipe, ErrorsNameFileKeyAndLine) {
  EXPECT_THAT(error_of("epochs = 0"),
              testing::AllOf(testing::HasSubstr("epochs"), testing::HasSubstr("recipe_test.toml")));
  EXPECT_THAT(error_of("epoch = 3"), testing::HasSubstr("did you mean 'epochs'"));
  EXPECT_THAT(error_of("epochs = 'three'"), testing::HasSubstr("epochs"));
  EXPECT_THAT(error_of("[optimizer]\nlearning_rat = 1"), testing::HasSubstr("did you mean 'learning_rate'"));
  EXPECT_THAT(error_of("[augment]\nblur = 1.5"), testing::HasSubstr("augment: blur"));
  EXPECT_THAT(error_of("epochs = 3\nbatch ="), testing::HasSubstr("recipe_test.toml:2"));
  EXPECT_THAT(error_of("[optimizer]\nschedule = 'steps'\nmilestones = [30, 15]"),
              testing::HasSubstr("milestones"));
  EXPECT_THAT(error_of("oversample = true"), testing::HasSubstr("oversample"));
  EXPECT_EQ(error_of("epochs = 3\n[optimizer]\nlearning_rate = 0.1"), "");
}

TEST(Recipe, LossesAreWithinTheirRanges) {
  const auto loss = [](const std::string& line) { return error_of("[loss]\n" + line); };
  EXPECT_EQ(loss("balance = 'logit_adjusted'\ntau = 0.5\nguide_until = 1.0"), "");
  for (const auto* key : {"region_bias", "margin", "view_likelihood", "scales", "ranking", "ranking_margin",
                          "pose", "guide", "saturation", "tau"})
    EXPECT_THAT(loss(std::string(key) + " = -0.1"),
                testing::AllOf(testing::HasSubstr(std::string("loss: ") + key + ": value is out of range"),
                               testing::HasSubstr("0 or more, got -0.1")));
  for (const auto* value : {"0.0", "1.1"})
    EXPECT_THAT(loss(std::string("guide_until = ") + value), testing::HasSubstr("above 0, to 1"));
  EXPECT_THAT(loss("scored = 'crops'"), testing::HasSubstr("face or views"));
  EXPECT_EQ(loss("biased = 'relation'"), "");
  EXPECT_THAT(loss("biased = 'nu'"), testing::HasSubstr("self, relation, view"));
  EXPECT_THAT(loss("guide_to = 'nose'"), testing::HasSubstr("response or landmarks"));
  EXPECT_THAT(loss("balance = 'focal'"), testing::HasSubstr("none, class_weights, logit_adjusted"));
}

TEST(Recipe, SplitsFitTogether) {
  EXPECT_EQ(error_of("train_on = ['train', 'valid']\nvalidate_on = ''"), "");
  EXPECT_EQ(
      error_of("train_on = ['train', 'valid']\nvalidate_on = 'held_out'\nfolds = 'f.csv'\nheld_out_fold = 0"),
      "");
  EXPECT_THAT(error_of("train_on = []"), testing::HasSubstr("one split or more"));
  EXPECT_THAT(error_of("train_on = ['valid']"),
              testing::AllOf(testing::HasSubstr("validate_on"), testing::HasSubstr("not trained on")));
  EXPECT_THAT(error_of("held_out_fold = 2"), testing::HasSubstr("folds"));
  EXPECT_THAT(error_of("validate_on = 'held_out'"), testing::HasSubstr("held_out_fold"));
}

TEST(Recipe, UnknownNamesAreErrorsThatListTheKnown) {
  EXPECT_THAT(error_of("supervision = 'soft'"), testing::HasSubstr("soft_labels, majority"));
  EXPECT_THAT(error_of("[optimizer]\nschedule = 'cosine'"), testing::HasSubstr("one_cycle, steps"));
}

TEST(Recipe, StartIsRelativeToTheRecipe) {
  const test::TemporaryFolder folder;
  write_text_atomically(folder / "recipes/first.toml", "start = '../a.safetensors'");
  EXPECT_EQ(read_recipe(folder / "recipes/first.toml").start, (folder / "a.safetensors").string());
}

/// A recipe based on one in another folder overrides it key by key.
TEST(Recipe, SaysTheDifferencesFromItsBase) {
  const test::TemporaryFolder folder;
  write_text_atomically(folder / "base/first.toml",
                        "start = 'a.safetensors'\nepochs = 9\n[optimizer]\nlearning_rate = 0.5\n");
  write_text_atomically(folder / "second.toml",
                        "base = 'base/first.toml'\n[optimizer]\ninitial_fraction = 0.5\n");
  write_text_atomically(folder / "third.json", R"({"base": "second.toml", "epochs": 7})");
  const auto recipe = read_recipe(folder / "third.json");
  EXPECT_EQ(recipe.start, (folder / "base/a.safetensors").string());
  EXPECT_EQ(recipe.epochs, 7);
  EXPECT_EQ(recipe.optimizer.learning_rate, .5f);
  EXPECT_EQ(recipe.optimizer.initial_fraction, .5f);
}

TEST(Recipe, IsNotBasedOnItselfOrOnNothing) {
  const test::TemporaryFolder folder;
  write_text_atomically(folder / "a.toml", "base = 'b.toml'");
  write_text_atomically(folder / "b.toml", "base = 'a.toml'");
  EXPECT_THAT(test::error_of([&] { read_recipe(folder / "a.toml"); }), testing::HasSubstr("based on itself"));
  write_text_atomically(folder / "c.toml", "base = 'nothing.toml'");
  EXPECT_THAT(test::error_of([&] { read_recipe(folder / "c.toml"); }), testing::HasSubstr("nothing.toml"));
}

TEST(Recipe, ThoseOfThePaperStateItsSettings) {
  const auto folder = fs::path(REGARD_SOURCE_DIR) / "recipes/ran";
  const auto ran = read_recipe(folder / "ran.toml"), plain = read_recipe(folder / "plain.toml");
  for (const auto& recipe : {ran, plain}) {
    EXPECT_EQ(recipe.optimizer.schedule, "steps");
    EXPECT_EQ(recipe.optimizer.learning_rate, .01f);
    EXPECT_EQ(recipe.optimizer.milestones, (std::vector<int>{15, 30}));
    EXPECT_EQ(recipe.epochs, 40);
    EXPECT_EQ(recipe.supervision, "majority");
    EXPECT_EQ(recipe.start, (fs::path(REGARD_SOURCE_DIR) / "msceleb-resnet18.safetensors").string());
  }
  EXPECT_EQ(ran.loss.margin, .02f);
  EXPECT_EQ(ran.loss.region_bias, 1);
  EXPECT_EQ(plain.options["input_size"], 224);
  EXPECT_EQ(ran.options["views"]["input_size"], 224);
  EXPECT_EQ(ran.options["views"]["backbone"], "resnet18");
}

}  // namespace
}  // namespace regard

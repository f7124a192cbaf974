#include "lab/reproduce/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lab/reproduce/protocol.h"
#include "regard/core/file.h"
#include "regard/network/network.h"
#include "tests/support.h"

namespace regard {
namespace {

namespace fs = std::filesystem;

const fs::path kRecipes = fs::path(REGARD_SOURCE_DIR) / "recipes";

std::string error_of(const std::string& toml) {
  const test::TemporaryFolder folder;
  write_text_atomically(folder / "a.toml", "epochs = 1");
  write_text_atomically(folder / "table.toml", toml);
  return test::error_of([&] { read_manifest(folder / "table.toml"); });
}

TEST(Manifest, AllThatAreShippedAreReadWithTheirRecipes) {
  std::vector<std::string> names;
  for (const auto& path : find_manifests(kRecipes)) {
    const auto manifest = read_manifest(path);
    names.push_back(manifest.name);
    for (const auto& row : manifest.rows)
      if (!row.recipe.empty()) {
        EXPECT_NO_THROW(read_recipe(row.recipe)) << path << row.label;
      }
  }
  for (const char* name :
       {"table2", "table3", "table4", "table5", "table6", "table7", "table8", "table9", "table1", "phanet",
        "fig4", "fig5", "fig6", "fig7", "fig8", "fig9", "fig10", "phanet-ablation"})
    EXPECT_THAT(names, testing::Contains(name));
}

/// Table IV by hand: the seventh row is aligned, without attention, 87.60 in the paper.
TEST(Manifest, HasThePapersRows) {
  const auto table = read_manifest(kRecipes / "ran/tables/table4.toml");
  ASSERT_EQ(table.rows.size(), 19u);
  const auto& row = table.rows[6];
  EXPECT_EQ(row.label, "aligned, none");
  EXPECT_TRUE(row.aligned);
  EXPECT_EQ(row.paper.at("all"), 87.60);
  EXPECT_EQ(row.dataset, "ferplus");
  EXPECT_EQ(row.train_on, "ferplus");
  EXPECT_EQ(row.split, "test");
  EXPECT_EQ(fs::path(row.recipe).filename(), "plain.toml");
  EXPECT_TRUE(read_manifest(kRecipes / "ran/tables/table6.toml").rows[0].is_quoted());
}

/// Figure 4 is of pose > 45; its cells are the authors': of the occluded faces that are neutral, the plain
/// network takes 14 % for sad, and RAN 11 %.
TEST(Manifest, HasTheAuthorsConfusionMatrices) {
  const auto table = read_manifest(kRecipes / "ran/tables/fig4.toml");
  EXPECT_THAT(table.columns, testing::ElementsAre("occlusion", "pose45"));
  EXPECT_EQ(table.rows[1].paper.at("pose45"), 80.4);
  EXPECT_EQ(table.rows[1].network, "ran");
  EXPECT_EQ(table.cells.size(), 512u);
  const auto share = [&](const std::string& network) {
    const auto found = std::ranges::find_if(table.cells, [&](const PaperCell& cell) {
      return cell.dataset == "ferplus" && cell.column == "occlusion" && cell.network == network &&
             cell.label == "neutral" && cell.predicted == "sadness";
    });
    return found->share;
  };
  EXPECT_EQ(share("plain"), .14);
  EXPECT_EQ(share("ran"), .11);
  EXPECT_EQ(read_manifest(kRecipes / "ran/tables/fig5.toml").columns[1], "pose45");
}

TEST(Manifest, KnowsInWhatEveryRunDiffersFromThePaper) {
  for (const std::string paper : {"ran", "phanet"})
    for (const auto& path : find_manifests(kRecipes / paper)) {
      const auto differences = read_manifest(path).differences;
      EXPECT_TRUE(std::ranges::any_of(differences, [](const auto& line) {
        return line.what == "face detection";
      })) << path;
    }
}

/// What PhaNet's learned scales are held against; the short protocol leaves what these rows are about.
TEST(Manifest, ControlsOfPhanetHaveFixedZooms) {
  const auto table = read_manifest(kRecipes / "phanet/tables/phanet-ablation.toml");
  const auto protocol = read_protocol(kRecipes / "phanet/protocol.toml");
  const auto recipe_of = [&](const std::string& label) {
    const auto row = std::ranges::find(table.rows, label, &ManifestRow::label);
    EXPECT_EQ(row->beside, "three scales");
    return recipe_under(protocol, row->recipe);
  };
  const auto frozen = recipe_of("frozen proposals");
  EXPECT_EQ(frozen.options.at("places"), "fixed");
  EXPECT_EQ(frozen.loss.guide, 0);
  EXPECT_EQ(frozen.loss.ranking, .5f);
  const auto zooms = recipe_of("plain at three fixed zooms");
  EXPECT_EQ(zooms.network, "plain");
  EXPECT_EQ(zooms.options.at("zooms"), Json({.85, .9, 1.}));
  EXPECT_FALSE(zooms.deploy.contains("zooms"));
  EXPECT_EQ(read_recipe(kRecipes / "phanet/plain-three-zooms.toml").deploy.at("zooms"), Json({.85, .9, 1.}));
}

TEST(Manifest, RegionBiasedLossOnTheRelationWeightsIsARowOfTableIV) {
  const auto recipe = read_recipe(kRecipes / "ran/ran-relation-bias.toml");
  EXPECT_EQ(recipe.loss.biased, "relation");
  EXPECT_EQ(recipe.loss.region_bias, 1);
  EXPECT_TRUE(
      std::ranges::any_of(read_manifest(kRecipes / "ran/tables/table4.toml").rows,
                          [](const auto& row) { return row.recipe.ends_with("ran-relation-bias.toml"); }));
}

TEST(Manifest, TheAuthorsAffectNetRunsAreRecipes) {
  const auto recipe = read_recipe(kRecipes / "ran/affectnet-authors.toml");
  EXPECT_EQ(recipe.epochs, 40);
  EXPECT_EQ(recipe.optimizer.learning_rate, .01f);
  EXPECT_EQ(recipe.loss.margin, .03f);
  EXPECT_EQ(recipe.options.at("views").at("regions").at("scheme"), "fixed7");
  const auto oversampled = read_recipe(kRecipes / "ran/affectnet-authors-oversampled.toml");
  EXPECT_TRUE(oversampled.oversample);
  EXPECT_EQ(oversampled.epochs, 20);
  EXPECT_EQ(oversampled.optimizer.learning_rate, .015f);
  EXPECT_THAT(oversampled.optimizer.milestones, testing::ElementsAre(6, 10, 16));
}

TEST(Manifest, ErrorsNameFileRowAndWord) {
  const std::string head = "columns = ['all']\ndataset = 'ferplus'\n";
  const std::string row = "[[row]]\nlabel = 'x'\nrecipe = 'a.toml'\n";
  EXPECT_EQ(error_of(head + row), "");
  EXPECT_THAT(error_of(head + row + row), testing::HasSubstr("same label"));
  EXPECT_THAT(error_of(head + row + "alined = true"), testing::HasSubstr("did you mean 'aligned'"));
  EXPECT_THAT(error_of(head + "kind = 'pie'\n" + row), testing::HasSubstr("pie"));
  EXPECT_THAT(error_of("columns = ['most']\n" + row), testing::HasSubstr("most"));
  EXPECT_THAT(error_of(head + row + "split = 'validation'"),
              testing::HasSubstr("expected train, valid, test, got validation"));
  EXPECT_THAT(error_of(head + row + "folds = 1"), testing::HasSubstr("row 1: number is out of range"));
  EXPECT_THAT(error_of(head + "cells = 'none.csv'\n" + row), testing::HasSubstr("none.csv"));
  EXPECT_THAT(error_of(head + "[[row]]\nlabel = 'x'\nrecipe = 'b.toml'"), testing::HasSubstr("b.toml"));
  EXPECT_THAT(error_of(head + row + "[[row]]\nlabel = 'y'\nmean_of = ['z']"), testing::HasSubstr("mean_of"));
  EXPECT_THAT(error_of(head + row + "paper = { pose30 = 1 }"), testing::HasSubstr("pose30"));
}

class ProtocolOf : public testing::TestWithParam<const char*> {};

/// Every recipe of every table is a network under its paper's short protocol.
TEST_P(ProtocolOf, ThePaperFitsAllItsRecipes) {
  auto protocol = read_protocol(kRecipes / GetParam() / "protocol.toml");
  adopt_start(protocol);
  EXPECT_EQ(protocol.views.at("backbone"), "mobilenet_v1");
  EXPECT_TRUE(protocol.views.at("normalize").at("grey").get<bool>());
  for (const auto& path : find_manifests(kRecipes / GetParam()))
    for (const auto& row : read_manifest(path).rows) {
      if (row.recipe.empty()) continue;
      const auto recipe = recipe_under(protocol, row.recipe);
      EXPECT_NO_THROW(describe_network({recipe.network, recipe.options, 48, 8, 1})) << path << row.label;
      EXPECT_EQ(recipe.epochs, protocol.recipe.at("epochs"));
      const auto views = recipe.options.find("views");
      const Json& seen = views == recipe.options.end() ? recipe.options : *views;
      EXPECT_EQ(seen.at("input_size"), 112);
      EXPECT_EQ(seen.at("backbone"), "mobilenet_v1");
      EXPECT_FALSE(recipe.deploy.contains("input_size")) << path << row.label;
    }
}

INSTANTIATE_TEST_SUITE_P(Papers, ProtocolOf, testing::Values("ran", "phanet"));

TEST(Protocol, LeavesWhatARowIsAbout) {
  auto protocol = read_protocol(kRecipes / "ran/protocol.toml");
  EXPECT_EQ(recipe_under(protocol, kRecipes / "ran/margin-0.1.toml").loss.margin, .1f);
  const auto size = recipe_under(protocol, kRecipes / "ran/size-0.8.toml");
  EXPECT_EQ(size.options.at("views").at("regions").at("scale"), .8);
}

TEST(Protocol, DigestIsOfWhatDecidesTheWeights) {
  Recipe recipe;
  const auto digest = digest_of(recipe, "data");
  EXPECT_EQ(digest.size(), 64u);
  recipe.name = "another";
  EXPECT_EQ(digest_of(recipe, "data"), digest);
  EXPECT_NE(digest_of(recipe, "other data"), digest);
  recipe.seed = 2;
  EXPECT_NE(digest_of(recipe, "data"), digest);
}

}  // namespace
}  // namespace regard

#include "lab/reproduce/recall_gains.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lab/reproduce/measuring.h"

namespace regard {
namespace {

using testing::HasSubstr;

/// A row that was right on these images: two calm ones, one glad one.
RowResult row(const std::string& label, const Replicates& right) {
  RowResult result;
  result.row.label = label;
  result.row.dataset = "made";
  auto& cell = result.cells["all"];
  cell.labels = {"calm", "glad", "sad"};
  cell.names = {"a", "b", "c"};
  cell.truth = {0, 1, 0};
  cell.right = right;
  return result;
}

TableResult table(const Replicates& first, const Replicates& second) {
  TableResult result;
  result.manifest.name = "small";
  result.manifest.columns = {"all"};
  result.rows = {row("plain", first), row("better", second)};
  compare_rows(result);
  return result;
}

TEST(RecallGains, AreThoseOfTheImagesOfEachLabel) {
  const auto result = table({{0, 1, 1}}, {{1, 0, 1}});
  EXPECT_TRUE(result.rows[0].cells.at("all").recall_gains.empty()) << "compared with nothing";
  const auto& gains = result.rows[1].cells.at("all").recall_gains;
  ASSERT_EQ(gains.size(), 2u) << "no image is sad";
  EXPECT_EQ(gains[0].label, "calm");
  EXPECT_EQ(gains[0].count, 2u);
  EXPECT_DOUBLE_EQ(gains[0].gain.mean, .5);
  EXPECT_DOUBLE_EQ(gains[0].gain.interval.low, 0);
  EXPECT_DOUBLE_EQ(gains[0].gain.interval.high, 1);
  EXPECT_DOUBLE_EQ(gains[1].gain.mean, -1);
}

TEST(RecallGains, OfSeveralRunsAreMeansOverThem) {
  const auto result = table({{0, 1, 1}, {0, 1, 0}}, {{1, 1, 1}, {1, 0, 1}});
  const auto& gains = result.rows[1].cells.at("all").recall_gains;
  EXPECT_NEAR(gains[0].gain.mean, .75, 1e-9);
  EXPECT_NEAR(gains[1].gain.mean, -.5, 1e-9);
}

TEST(RecallGains, StandInEveryReport) {
  const auto result = table({{0, 1, 1}}, {{1, 0, 1}});
  const auto text = recall_gains_markdown(result);
  EXPECT_THAT(text, HasSubstr("all:\n\n| row | calm (2) | glad (1) |\n"));
  EXPECT_THAT(text, HasSubstr("| better | +50.0 (+0.0 to +100.0) | −100.0 (−100.0 to −100.0) |"));
  EXPECT_THAT(recall_gains_html(result), HasSubstr("<td>better<td>+50.0 (+0.0 to +100.0)<td>−100.0"));
  EXPECT_THAT(recall_gains_csv(result),
              testing::EndsWith("small,better,all,calm,2,0.500000,0.000000,1.000000\n"
                                "small,better,all,glad,1,-1.000000,-1.000000,-1.000000\n"));
  EXPECT_EQ(recall_gains_markdown(table({{0, 1, 1}}, {})), "") << "not measured";
}

}  // namespace
}  // namespace regard

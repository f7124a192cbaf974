#include "train/objective.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "regard/network/network.h"
#include "tests/support.h"
#include "train/loss/balance.h"

namespace regard {
namespace {

using test::error_of;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::string error(const LossOptions& options, const std::string& network, const Json& more = Json::object()) {
  const auto spec = describe_network({network, more, 48, 8, 1});
  return error_of([&] { check_losses(options, spec, "recipe"); });
}

TEST(Losses, AreAskedOfNetworksThatHaveTheirOutputs) {
  EXPECT_EQ(error({}, "plain"), "");
  EXPECT_EQ(error({.region_bias = 1}, "ran"), "");
  EXPECT_EQ(error({.scales = 1, .ranking = 1, .pose = 1, .guide = 1, .saturation = 1}, "phanet"), "");
  EXPECT_EQ(error({.scored = "views"}, "region_baseline"), "");
  EXPECT_EQ(error({.view_likelihood = 1}, "ran", {{"view_classifier", true}}), "");
}

TEST(Losses, AreRefusedWhereTheNetworkLacksAnOutput) {
  EXPECT_THAT(error({.region_bias = 1}, "plain"),
              AllOf(HasSubstr("loss.region_bias"), HasSubstr("self_attention")));
  EXPECT_THAT(error({.biased = "view"}, "plain"), "") << "its weight is 0";
  EXPECT_THAT(error({.scales = 1}, "ran"), AllOf(HasSubstr("loss.scales"), HasSubstr("scale_logits")));
  EXPECT_THAT(error({.pose = 1}, "phanet", {{"pose", "none"}}), HasSubstr("loss.pose"));
  EXPECT_THAT(error({.scored = "views"}, "ran"), AllOf(HasSubstr("loss.answer"), HasSubstr("view_logits")));
  EXPECT_THAT(error({.view_likelihood = 1}, "ran"), HasSubstr("view_logits"));
}

TEST(Losses, ShareLearnedWeightsByTask) {
  EXPECT_TRUE(learned_tasks({.ranking = 1}).empty()) << "not asked for";
  EXPECT_THAT(learned_tasks({.learned_weights = true}), ElementsAre("expression"));
  EXPECT_THAT(learned_tasks({.scales = 1, .ranking = 1, .pose = 1, .learned_weights = true, .guide = 1}),
              ElementsAre("expression", "attention", "pose"));
}

TEST(Losses, OnePoseWantsPoses) {
  EXPECT_FALSE(want_poses({.scales = 1}));
  EXPECT_TRUE(want_poses({.pose = .5f}));
}

TEST(Losses, TheGuideFallsToNothing) {
  const auto guide = std::ranges::find(losses(), std::string("guide"), &Loss::name);
  ASSERT_NE(guide, losses().end());
  const LossOptions options{.guide = 2, .guide_until = .5f};
  EXPECT_DOUBLE_EQ(guide->weight(options, 0), 2);
  EXPECT_DOUBLE_EQ(guide->weight(options, .25), 1);
  EXPECT_DOUBLE_EQ(guide->weight(options, .75), 0);
}

TEST(Losses, RecipesKnowTheBalancesThatThereAre) {
  std::vector<std::string> names;
  for (const auto& row : kBalanceTable) names.emplace_back(row.name);
  EXPECT_THAT(names, testing::ElementsAreArray(std::vector<std::string>(kBalances.begin(), kBalances.end())));
}

}  // namespace
}  // namespace regard

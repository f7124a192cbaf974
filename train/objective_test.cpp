#include "train/objective.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>

#include "regard/network/network.h"
#include "regard/network/region_attention.h"
#include "tests/golden.h"
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

TEST(Losses, OfTheRelationWeightsAreAskedOfNetworksThatHaveThem) {
  EXPECT_EQ(error({.region_bias = 1, .biased = "relation"}, "ran"), "");
  EXPECT_THAT(error({.region_bias = 1, .biased = "relation"}, "ran",
                    {{"attention", {{"relation_attention", false}}}}),
              AllOf(HasSubstr("loss.region_bias"), HasSubstr("relation_attention")));
}

at::Tensor as_torch(const Json& json) {
  const auto [shape, values] = test::golden_tensor(json);
  return at::tensor(values).view(shape);
}

/// Equation 6 on nu, by tests/golden/region_attention.py: its gradients, which also reach the self-attention
/// through the global feature, are central differences in float64.
TEST(Losses, RegionBiasOfTheRelationWeightsEqualsTheGoldenValuesAndGradients) {
  const auto attention = test::golden("region_attention").at("attention");
  TorchWeights arguments;
  for (const auto& [name, values] : attention.at("arguments").items())
    arguments[name] = as_torch(values).set_requires_grad(true);
  int cases = 0;
  for (const auto& example : attention.at("cases")) {
    if (!example.contains("relation_bias")) continue;
    SCOPED_TRACE(example.at("name").get<std::string>());
    const auto& golden = example.at("relation_bias");
    RegionAttentionOptions attended;
    from_json(example.at("options"), attended, "region_attention.json");
    TorchOps ops(arguments, at::zeros({1}), {});
    ops.output("relation_attention",
               region_attention(ops, arguments.at("features"), attended).relation_attention);
    const LossOptions options{.region_bias = 1, .margin = golden.at("margin"), .biased = "relation"};
    const auto row = std::ranges::find(losses(), std::string("region_bias"), &Loss::name);
    const auto loss = row->value({ops, Targets{}, options, Json::object()});
    EXPECT_NEAR(loss.item<double>(), golden.at("loss").get<double>(), 1e-6);
    std::vector<at::Tensor> leaves;
    for (const auto& [name, gradient] : golden.at("gradients").items()) leaves.push_back(arguments.at(name));
    const auto gradients = torch::autograd::grad({loss}, leaves, {}, /*retain_graph=*/false,
                                                 /*create_graph=*/false, /*allow_unused=*/true);
    std::size_t i = 0;
    for (const auto& [name, gradient] : golden.at("gradients").items()) {
      const auto got = gradients[i].defined() ? gradients[i] : at::zeros_like(leaves[i]);
      EXPECT_LT((got - as_torch(gradient)).abs().max().item<double>(), 1e-5) << name;
      ++i;
    }
    ++cases;
  }
  EXPECT_GE(cases, 4);
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

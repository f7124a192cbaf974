#include "regard/network/region_attention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/golden.h"
#include "tests/run_graph.h"
#include "tests/support.h"

/// tests/golden/region_attention.json comes from the NumPy script beside it; ops/torch_attention_test.cpp has
/// the gradients.
namespace regard {
namespace {

using namespace test;

RegionAttentionOptions options_of(const Json& json) {
  RegionAttentionOptions options;
  from_json(json, options, "region_attention.json");
  return options;
}

void expect_near(const Tensor& got, const Json& expected, const std::string& what) {
  const auto golden = golden_tensor(expected);
  EXPECT_EQ(got.shape, golden.shape) << what;
  EXPECT_THAT(got.values, testing::Pointwise(testing::FloatNear(1e-5f), golden.values)) << what;
}

TEST(RegionAttention, EqualsTheGoldenValues) {
  const auto attention = golden("region_attention").at("attention");
  Weights arguments;
  for (const auto& [name, values] : attention.at("arguments").items())
    arguments[name] = golden_tensor(values);
  const auto features = arguments.at("features");
  for (const auto& example : attention.at("cases")) {
    SCOPED_TRACE(example.at("name").get<std::string>());
    GraphOps ops(arguments);
    const auto x = ops.input("features", {1, features.shape[1], features.shape[2]});
    const auto attended = region_attention(ops, x, options_of(example.at("options")));
    ops.output("feature", attended.feature);
    ops.output("weights", attended.weights);
    ops.output("mu", attended.self_attention);
    ops.output("nu", attended.relation_attention);
    const auto got = run_graph(ops.serialize(), {{"features", features}});
    for (const auto* name : {"feature", "weights", "mu", "nu"})
      if (example.contains(name)) expect_near(got.at(name), example.at(name), name);
  }
}

TEST(RegionAttention, OneAttentionAtLeast) {
  EXPECT_THAT(error_of([] {
                SpecOps ops;
                region_attention(ops, {1, 4, 5}, {.self_attention = false, .relation_attention = false});
              }),
              testing::HasSubstr("neither"));
}

TEST(RegionAttention, UnknownWeightsAreErrorsThatListTheKnown) {
  EXPECT_THAT(error_of([] {
                SpecOps ops;
                region_attention(ops, {1, 4, 5}, {.weights = "relu"});
              }),
              testing::AllOf(testing::HasSubstr("relu"), testing::HasSubstr("sigmoid_softmax")));
}

}  // namespace
}  // namespace regard

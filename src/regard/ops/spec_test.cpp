#include "regard/ops/spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "regard/network/network.h"
#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using testing::AllOf;
using testing::HasSubstr;

const ParameterSpec& find(const SpecOps& ops, const std::string& name) {
  for (const auto& spec : ops.parameters())
    if (spec.name == name) return spec;
  throw Error("no such parameter", name);
}

std::int64_t count(const SpecOps& ops, const std::string& without) {
  std::int64_t sum = 0;
  for (const auto& spec : ops.parameters())
    if (!spec.name.starts_with(without)) sum += element_count(spec.shape);
  return sum;
}

SpecOps describe(int input_size) {
  NetworkConfig config;
  config.options["input_size"] = input_size;
  return describe_network(config);
}

TEST(SpecOps, ConvolutionListsItsParametersAndShape) {
  SpecOps ops;
  const auto y =
      ops.conv2d("c", {1, 4, 9, 7},
                 {.out = 6, .kernel = 3, .stride = 2, .padding = {0, 1, 2, 1}, .groups = 2, .bias = true});
  EXPECT_EQ(y, (Shape{1, 6, 5, 4}));
  EXPECT_EQ(ops.multiply_adds(), 6 * 5 * 4 * 2 * 9);
  ASSERT_EQ(ops.parameters().size(), 2u);
  const auto& kernel = find(ops, "c.weight");
  EXPECT_EQ(kernel.shape, (Shape{6, 2, 3, 3}));
  EXPECT_EQ(kernel.initializer, Initializer::he);
  EXPECT_TRUE(kernel.trained && kernel.decayed);
  EXPECT_EQ(find(ops, "c.bias").shape, Shape{6});
  EXPECT_FALSE(find(ops, "c.bias").decayed);
}

TEST(SpecOps, BatchNormHasBuffersOutsideTraining) {
  SpecOps ops;
  EXPECT_EQ(ops.batch_norm("b", {1, 5, 2, 2}), (Shape{1, 5, 2, 2}));
  for (const char* name : {"b.weight", "b.bias"}) {
    EXPECT_TRUE(find(ops, name).trained);
    EXPECT_FALSE(find(ops, name).decayed);
  }
  for (const char* name : {"b.running_mean", "b.running_var"}) EXPECT_FALSE(find(ops, name).trained);
  EXPECT_EQ(find(ops, "b.running_var").initializer, Initializer::ones);
  EXPECT_EQ(find(ops, "b.running_mean").initializer, Initializer::zeros);
}

TEST(SpecOps, ShapesFollowTheContract) {
  SpecOps ops;
  const auto chip = ops.chip(48);
  EXPECT_EQ(chip, (Shape{1, 3, 48, 48}));
  EXPECT_EQ(ops.luma(chip), (Shape{1, 1, 48, 48}));
  EXPECT_EQ(ops.normalize(ops.luma(chip), {}), (Shape{1, 3, 48, 48}));
  const auto views = ops.views(chip, ops.constant({1, 2, 2, 3}, std::vector<float>(12)), 32);
  EXPECT_EQ(views, (Shape{2, 3, 32, 32}));
  const auto features = ops.global_average_pool(views);
  EXPECT_EQ(features, (Shape{2, 3}));
  EXPECT_EQ(ops.max_pool(views, 3, 2, 1), (Shape{2, 3, 16, 16}));
  EXPECT_EQ(ops.max_pool({1, 3, 7, 6}, 2, 2), (Shape{1, 3, 3, 3}));
  EXPECT_EQ(ops.flatten(views), (Shape{2, 3 * 32 * 32}));
  EXPECT_EQ(ops.add(views, views), views);
  EXPECT_EQ(ops.split_views(features, 2), (Shape{1, 2, 3}));
  EXPECT_EQ(ops.split_views({6, 2, 3}, 2), (Shape{3, 2, 2, 3}));
  EXPECT_EQ(ops.squares_within({1, 3}, .4f, .9f), (Shape{1, 2, 3}));
  EXPECT_EQ(ops.soft_argmax({1, 4, 5, 7}), (Shape{1, 4, 2}));
  EXPECT_EQ(ops.join_views({{1, 2, 6}, {1, 3, 6}}), (Shape{1, 5, 6}));
  EXPECT_EQ(ops.concat({{1, 2}, {1, 3}}), (Shape{1, 5}));
  EXPECT_EQ(ops.keep_largest({1, 3}, 2), (Shape{1, 3}));
  EXPECT_EQ(ops.mean_of_views({1, 2, 3}), (Shape{1, 3}));
  EXPECT_EQ(ops.linear("fc", {1, 2, 3}, 8), (Shape{1, 2, 8}));
  EXPECT_EQ(ops.multiply_adds(), 2 * 3 * 8);
}

TEST(SpecOps, RefusesWhatDoesNotFit) {
  SpecOps ops;
  EXPECT_NE(error_of([&] { ops.conv2d("a", {1, 3, 8}, {.out = 4}); }), "");
  EXPECT_NE(error_of([&] { ops.conv2d("a", {1, 3, 8, 8}, {.out = 4, .groups = 2}); }), "");
  EXPECT_THAT(error_of([&] {
                ops.conv2d("a", {1, 3, 2, 2}, {.out = 4, .stride = 2});
              }),
              AllOf(HasSubstr("a"), HasSubstr("smaller")));
  EXPECT_NE(error_of([&] { ops.constant({2}, {1}); }), "");
  EXPECT_NE(error_of([&] { ops.normalize({1, 3, 8, 8}, {.mean = {1}}); }), "");
  EXPECT_NE(error_of([&] { ops.views({1, 3, 8, 8}, {1, 2, 6}, 8); }), "");
  EXPECT_NE(error_of([&] { ops.dropout({1, 3}, 1); }), "");
  EXPECT_NE(error_of([&] { ops.dropout({1, 3}, -.1f); }), "");
  EXPECT_NE(error_of([&] { ops.max_pool({1, 3, 1, 8}, 2, 2); }), "");
  EXPECT_NE(error_of([&] { ops.max_pool({1, 3, 8, 8}, 3, 2, 2); }), "");
  EXPECT_NE(error_of([&] { ops.flatten({1, 3}); }), "");
  EXPECT_NE(error_of([&] { ops.add({1, 3}, {1, 4}); }), "");
  EXPECT_NE(error_of([&] { ops.split_views({3, 5}, 2); }), "");
  EXPECT_NE(error_of([&] { ops.mean_of_views({3, 5}); }), "");
  EXPECT_NE(error_of([&] { ops.linear("a", {}, 2); }), "");
  EXPECT_NE(error_of([&] { ops.squares_within({1, 4}, .4f, .9f); }), "");
  EXPECT_NE(error_of([&] { ops.squares_within({1, 3}, .9f, .4f); }), "");
  EXPECT_NE(error_of([&] { ops.compose({1, 2, 2, 3}, {1, 1, 2, 3}); }), "");
  EXPECT_NE(error_of([&] { ops.soft_argmax({1, 2, 2}); }), "");
  EXPECT_NE(error_of([&] { ops.join_views({}); }), "");
  EXPECT_NE(error_of([&] { ops.join_views({{1, 2, 3}, {1, 2, 4}}); }), "");
  EXPECT_NE(error_of([&] { ops.concat({{1, 2, 3}, {1, 2, 3}}); }), "");
  EXPECT_NE(error_of([&] { ops.keep_largest({1, 3}, 4); }), "");
  for (const int size : {0, -1, 100'000}) {
    EXPECT_NE(error_of([&] { ops.chip(size); }), "");
    EXPECT_NE(error_of([&] { ops.views({1, 3, 8, 8}, {1, 1, 2, 3}, size); }), "");
  }
}

TEST(SpecOps, ANameUsedTwiceIsAnError) {
  SpecOps ops;
  ops.linear("fc", {1, 3}, 2);
  EXPECT_THAT(error_of([&] { ops.linear("fc", {1, 3}, 2); }), HasSubstr("fc.weight"));
  ops.output("logits", {1, 2});
  EXPECT_THAT(error_of([&] { ops.output("logits", {1, 2}); }), HasSubstr("logits"));
}

TEST(SpecOps, WhatIsSaidToRunAgainTakesTheSameParameters) {
  SpecOps ops;
  const auto layer = [&](std::int64_t in) { return [&ops, in] { return ops.linear("fc", {1, in}, 2); }; };
  layer(3)();
  EXPECT_EQ(ops.again(layer(3)), (Shape{1, 2}));
  EXPECT_EQ(ops.parameters().size(), 2u);
  EXPECT_EQ(ops.multiply_adds(), 2 * 2 * 3);
  EXPECT_THAT(error_of(layer(3)), HasSubstr("twice"));
  EXPECT_THAT(error_of([&] { ops.again(layer(4)); }), HasSubstr("another shape"));
}

TEST(SpecOps, ANetworkWithinAnotherHasNamesOfItsOwn) {
  SpecOps ops;
  const auto layer = [&] {
    const auto y = ops.linear("fc", {1, 3}, 2, /*bias=*/false);
    ops.output("y", y);
    return y;
  };
  layer();
  ops.within("a", [&] { return ops.within("b", layer); });
  ops.within("b", layer);
  ASSERT_EQ(ops.parameters().size(), 3u);
  EXPECT_EQ(ops.parameters()[1].name, "a.b.fc.weight");
  EXPECT_EQ(ops.parameters()[2].name, "b.fc.weight");
  EXPECT_EQ(ops.outputs()[1].first, "a.b.y");
  EXPECT_THAT(error_of(layer), HasSubstr("twice"));
}

// Keras' MobileNet without its top: 3,228,864 numbers; the paper's table 9: 569 million multiply-adds at 224
// pixels, of which the classifier of 1,000 takes 1.02.
TEST(DescribeNetwork, MobileNetIsTheKnownOne) {
  const auto ops = describe(224);
  EXPECT_EQ(count(ops, "fc."), 3'228'864);
  EXPECT_EQ(ops.parameters().size(), 27u * 5 + 2);
  EXPECT_NEAR(ops.multiply_adds() / 1e6, 569 - 1.02, .5);
  EXPECT_EQ(find(ops, "fc.weight").shape, (Shape{8, 1024}));
  ASSERT_EQ(ops.outputs().size(), 2u);
  EXPECT_EQ(ops.outputs()[0].first, "logits");
  EXPECT_EQ(ops.outputs()[1].second, (Shape{1, 8}));
}

TEST(DescribeNetwork, RefusesUnknownNetworksAndOptions) {
  NetworkConfig config;
  config.name = "plane";
  EXPECT_THAT(error_of([&] { describe_network(config); }), HasSubstr("plane"));
  config = {};
  config.options["input_sice"] = 160;
  EXPECT_THAT(error_of([&] { describe_network(config); }), HasSubstr("did you mean 'input_size'"));
  config = {};
  config.options["backbone"] = "vgg";
  EXPECT_THAT(error_of([&] { describe_network(config); }), HasSubstr("vgg"));
  config = {};
  config.options["normalize"]["std"] = {1, 0, 1};
  EXPECT_THAT(error_of([&] { describe_network(config); }), HasSubstr("std"));
  EXPECT_NE(error_of([] { describe(1'000'000'000); }), "");
  EXPECT_NE(error_of([] { describe(-160); }), "");
}

}  // namespace
}  // namespace regard

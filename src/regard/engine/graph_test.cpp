#include "regard/engine/graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "regard/core/error.h"
#include "regard/region/views.h"
#include "tests/run_graph.h"
#include "tests/support.h"

namespace regard {
namespace {

using namespace test;
using testing::HasSubstr;

/// Runs graphs for batches of 1, 3 and 8.
class GraphTest : public testing::TestWithParam<int> {
 protected:
  int n = GetParam();
  Weights weights;
  GraphOps ops{weights};

  Tensor run(const GraphOps::Value& y, const Tensors& inputs) {
    ops.output("y", y);
    return run_graph(ops.serialize(), inputs).at("y");
  }
};

INSTANTIATE_TEST_SUITE_P(Batch, GraphTest, testing::Values(1, 3, 8));

void expect_near(const Tensor& got, const Tensor& expected, float tolerance = 1e-5f) {
  ASSERT_EQ(got.shape, expected.shape);
  for (std::size_t i = 0; i < got.values.size(); ++i)
    ASSERT_NEAR(got.values[i], expected.values[i], tolerance * std::max(1.f, std::abs(expected.values[i])))
        << "at " << i;
}

/// An element of a [n, c, h, w] tensor; 0 outside of the image.
float at(const Tensor& x, std::int64_t n, std::int64_t c, std::int64_t row, std::int64_t column) {
  if (row < 0 || row >= x.shape[2] || column < 0 || column >= x.shape[3]) return 0;
  return x.values[static_cast<std::size_t>(((n * x.shape[1] + c) * x.shape[2] + row) * x.shape[3] + column)];
}

Tensor convolve(const Tensor& x, const Tensor& weight, const Tensor& bias, const Conv2dOptions& options) {
  const auto& [top, left, bottom, right] = options.padding;
  const std::int64_t in = weight.shape[1], out_group = options.out / options.groups;
  Tensor y{{x.shape[0], options.out, (x.shape[2] + top + bottom - options.kernel) / options.stride + 1,
            (x.shape[3] + left + right - options.kernel) / options.stride + 1},
           {}};
  for (std::int64_t i = 0; i < element_count(y.shape); ++i) {
    const auto column = i % y.shape[3], row = i / y.shape[3] % y.shape[2];
    const auto out = i / (y.shape[3] * y.shape[2]) % y.shape[1],
               n = i / (y.shape[3] * y.shape[2] * y.shape[1]);
    double sum = bias.values[static_cast<std::size_t>(out)];
    for (std::int64_t c = 0; c < in; ++c)
      for (int dy = 0; dy < options.kernel; ++dy)
        for (int dx = 0; dx < options.kernel; ++dx)
          sum +=
              at(weight, out, c, dy, dx) * at(x, n, out / out_group * in + c, row * options.stride + dy - top,
                                              column * options.stride + dx - left);
    y.values.push_back(static_cast<float>(sum));
  }
  return y;
}

TEST_P(GraphTest, ConvolutionPadsEachSideOnItsOwn) {
  const Conv2dOptions options{
      .out = 6, .kernel = 3, .stride = 2, .padding = {0, 2, 1, 3}, .groups = 2, .bias = true};
  weights["c.weight"] = random_tensor({6, 2, 3, 3}, 1);
  weights["c.bias"] = random_tensor({6}, 2);
  const auto x = random_tensor({n, 4, 9, 7}, 3);
  const auto y = run(ops.conv2d("c", ops.input("x", {1, 4, 9, 7}), options), {{"x", x}});
  expect_near(y, convolve(x, weights["c.weight"], weights["c.bias"], options));
}

TEST_P(GraphTest, BatchNormUsesTheRunningStatistics) {
  weights = {{"b.weight", random_tensor({2}, 1)},
             {"b.bias", random_tensor({2}, 2)},
             {"b.running_mean", random_tensor({2}, 3)},
             {"b.running_var", random_tensor({2}, 4, .1f, 1)}};
  const auto x = random_tensor({n, 2, 3, 3}, 5);
  auto expected = x;
  for (std::size_t i = 0; i < expected.values.size(); ++i) {
    const auto c = i / 9 % 2;
    const auto value = [&](const char* name) { return weights.at(name).values[c]; };
    expected.values[i] = (x.values[i] - value("b.running_mean")) / std::sqrt(value("b.running_var") + .01f) *
                             value("b.weight") +
                         value("b.bias");
  }
  expect_near(run(ops.batch_norm("b", ops.input("x", {1, 2, 3, 3}), Activation::none, .01f), {{"x", x}}),
              expected);
}

/// What SpecOps::views says, view by view and pixel by pixel. affines: [n or 1, k, 2, 3].
Tensor cut_views(const Tensor& chip, const Tensor& affines, int size) {
  const auto k = affines.shape[1], channels = chip.shape[1], h = chip.shape[2], w = chip.shape[3];
  Tensor y{{chip.shape[0] * k, channels, size, size}, {}};
  for (std::int64_t i = 0; i < element_count(y.shape); ++i) {
    const auto view = i / (channels * size * size), n = view / k, c = i / (size * size) % channels;
    const float* m = &affines.values[static_cast<std::size_t>((affines.shape[0] == 1 ? view % k : view) * 6)];
    const double u = (i % size + .5) / size, v = (i / size % size + .5) / size;
    const double x = std::clamp((m[0] * u + m[1] * v + m[2]) * w - .5, 0., w - 1.);
    const double y_place = std::clamp((m[3] * u + m[4] * v + m[5]) * h - .5, 0., h - 1.);
    const auto column = static_cast<std::int64_t>(x), row = static_cast<std::int64_t>(y_place);
    const double right = x - column, below = y_place - row;
    y.values.push_back(static_cast<float>(
        (1 - below) * ((1 - right) * at(chip, n, c, row, column) + right * at(chip, n, c, row, column + 1)) +
        below *
            ((1 - right) * at(chip, n, c, row + 1, column) + right * at(chip, n, c, row + 1, column + 1))));
  }
  return y;
}

/// The whole face, its flip, a rotated part of it and one that extends beyond the chip.
const Tensor kAffines{{1, 4, 2, 3}, {1,   0,   0,   0,    1,   0,   -1,  0, 1,   0, 1,   0,
                                     .4f, .2f, .1f, -.2f, .4f, .3f, .8f, 0, .5f, 0, .8f, -.3f}};

TEST_P(GraphTest, FixedViewsOfColour) {
  const auto chip = random_tensor({n, 3, 12, 10}, 1, 0, 255);
  const auto affines = ops.constant(kAffines.shape, kAffines.values);
  const auto y = run(ops.views(ops.input("x", {1, 3, 12, 10}), affines, 9), {{"x", chip}});
  expect_near(y, cut_views(chip, kAffines, 9));
}

TEST_P(GraphTest, FixedViewsOfGrey) {
  const auto chip = random_tensor({n, 1, 10, 10}, 1);
  const auto affines = ops.constant(kAffines.shape, kAffines.values);
  const auto y = run(ops.views(ops.input("x", {1, 1, 10, 10}), affines, 16), {{"x", chip}});
  expect_near(y, cut_views(chip, kAffines, 16));
}

TEST_P(GraphTest, OneFixedView) {
  const auto chip = random_tensor({n, 3, 10, 10}, 1);
  const auto y = run(ops.views(ops.input("x", {1, 3, 10, 10}), constant_affines(ops, {kMirroredFace}), 10),
                     {{"x", chip}});
  expect_near(y, cut_views(chip, {{1, 1, 2, 3}, {-1, 0, 1, 0, 1, 0}}, 10));
}

/// Views that share their rows need no GridSample: the whole face, mirrored, wider, reaching beyond the chip.
TEST_P(GraphTest, ViewsWithRowsInCommonAreResized) {
  const auto chip = random_tensor({n, 3, 12, 10}, 1, 0, 255);
  for (const auto& [low, high] : {std::pair{0.f, 1.f}, {.1f, .8f}, {-.1f, 1.3f}}) {
    const Tensor affines{{1, 3, 2, 3},
                         {1, 0, 0, 0, high, low, -1, 0, 1, 0, high, low, .7f, 0, .5f, 0, high, low}};
    for (const int size : {5, 9, 12, 25}) {
      GraphOps ops(weights);
      ops.output(
          "y", ops.views(ops.input("x", {1, 3, 12, 10}), ops.constant(affines.shape, affines.values), size));
      const auto onnx = ops.serialize();
      EXPECT_EQ(onnx.find("GridSample"), std::string::npos);
      expect_near(run_graph(onnx, {{"x", chip}}).at("y"), cut_views(chip, affines, size));
    }
  }
}

TEST_P(GraphTest, RotatedViewsAreSampled) {
  const auto affines = ops.constant({1, 1, 2, 3}, {.8f, .1f, 0, -.1f, .8f, .1f});
  ops.output("y", ops.views(ops.input("x", {1, 3, 12, 10}), affines, 9));
  EXPECT_NE(ops.serialize().find("GridSample"), std::string::npos);
}

TEST_P(GraphTest, ViewsOfEachFaceItsOwn) {
  const auto chip = random_tensor({n, 3, 12, 10}, 1);
  const auto affines = random_tensor({n, 2, 2, 3}, 2);
  const auto y = run(ops.views(ops.input("x", {1, 3, 12, 10}), ops.input("affines", {1, 2, 2, 3}), 9),
                     {{"x", chip}, {"affines", affines}});
  expect_near(y, cut_views(chip, affines, 9));
}

TEST_P(GraphTest, LumaWeighsColoursAsTelevisionDoes) {
  const auto x = random_tensor({n, 3, 2, 2}, 1, 0, 255);
  Tensor expected{{n, 1, 2, 2}, {}};
  for (int i = 0; i < n; ++i)
    for (int p = 0; p < 4; ++p)
      expected.values.push_back(.299f * at(x, i, 0, p / 2, p % 2) + .587f * at(x, i, 1, p / 2, p % 2) +
                                .114f * at(x, i, 2, p / 2, p % 2));
  expect_near(run(ops.luma(ops.input("x", {1, 3, 2, 2})), {{"x", x}}), expected);
}

TEST_P(GraphTest, NormalizedGreyGoesThroughAConvolution) {
  const Conv2dOptions options{.out = 2, .kernel = 1};
  weights["c.weight"] = random_tensor({2, 3, 1, 1}, 1);
  const auto x = random_tensor({n, 1, 4, 4}, 2, 0, 255);
  Tensor colours{{n, 3, 4, 4}, {}};
  const std::vector<float> deviation{255, 128, 64};
  for (int i = 0; i < n; ++i)
    for (const float d : deviation)
      for (int p = 0; p < 16; ++p) colours.values.push_back(at(x, i, 0, p / 4, p % 4) / d);
  const auto seen = ops.normalize(ops.input("x", {1, 1, 4, 4}), {.grey = true, .std = deviation});
  const auto y = run(ops.conv2d("c", seen, options), {{"x", x}});
  expect_near(y, convolve(colours, weights["c.weight"], {{2}, {0, 0}}, options));
}

TEST_P(GraphTest, NormalizeTakesMeanAndDeviationOfEachColour) {
  const auto x = random_tensor({n, 3, 2, 2}, 1, 0, 255);
  const NormalizeOptions options{.mean = {10, 20, 30}, .std = {100, 200, 50}};
  auto expected = x;
  for (std::size_t i = 0; i < x.values.size(); ++i)
    expected.values[i] = (x.values[i] - options.mean[i / 4 % 3]) / options.std[i / 4 % 3];
  expect_near(run(ops.normalize(ops.input("x", {1, 3, 2, 2}), options), {{"x", x}}), expected);
}

TEST_P(GraphTest, LinearWorksOnTheLastAxis) {
  weights = {{"fc.weight", random_tensor({4, 5}, 1)}, {"fc.bias", random_tensor({4}, 2)}};
  const auto x = random_tensor({n, 2, 5}, 3);
  Tensor expected{{n, 2, 4}, {}};
  for (std::size_t row = 0; row < static_cast<std::size_t>(n) * 2; ++row)
    for (std::size_t out = 0; out < 4; ++out) {
      double sum = weights["fc.bias"].values[out];
      for (std::size_t in = 0; in < 5; ++in)
        sum += weights["fc.weight"].values[out * 5 + in] * x.values[row * 5 + in];
      expected.values.push_back(static_cast<float>(sum));
    }
  expect_near(run(ops.linear("fc", ops.input("x", {1, 2, 5}), 4), {{"x", x}}), expected);
}

TEST_P(GraphTest, SoftmaxOfTheLastAxis) {
  const auto x = random_tensor({n, 2, 5}, 1, -4, 4);
  auto expected = x;
  for (std::size_t row = 0; row < static_cast<std::size_t>(n) * 2; ++row) {
    double sum = 0;
    for (std::size_t i = 0; i < 5; ++i) sum += std::exp(x.values[row * 5 + i]);
    for (std::size_t i = 0; i < 5; ++i)
      expected.values[row * 5 + i] = static_cast<float>(std::exp(x.values[row * 5 + i]) / sum);
  }
  expect_near(run(ops.softmax(ops.input("x", {1, 2, 5})), {{"x", x}}), expected);
}

TEST_P(GraphTest, FunctionsOfEachValue) {
  const auto x = random_tensor({n, 20}, 1, -9, 9);
  const auto input = ops.input("x", {1, 20});
  ops.output("relu", ops.relu(input));
  ops.output("relu6", ops.relu6(input));
  ops.output("sigmoid", ops.sigmoid(input));
  ops.output("scale", ops.scale(input, -2.5f));
  ops.output("dropout", ops.dropout(input, .5f));
  const auto outputs = run_graph(ops.serialize(), {{"x", x}});
  const auto expect = [&](const char* name, auto&& function) {
    auto expected = x;
    std::ranges::transform(x.values, expected.values.begin(), function);
    SCOPED_TRACE(name);
    expect_near(outputs.at(name), expected);
  };
  expect("relu", [](float v) { return std::max(v, 0.f); });
  expect("relu6", [](float v) { return std::clamp(v, 0.f, 6.f); });
  expect("sigmoid", [](float v) { return 1 / (1 + std::exp(-v)); });
  expect("scale", [](float v) { return -2.5f * v; });
  expect("dropout", [](float v) { return v; });
}

TEST_P(GraphTest, MeanOfAnImageAndOfViews) {
  const auto x = random_tensor({n * 2, 3, 2, 2}, 1);
  Tensor expected{{n, 3}, {}};
  for (int i = 0; i < n; ++i)
    for (int c = 0; c < 3; ++c) {
      float sum = 0;
      for (int p = 0; p < 8; ++p) sum += at(x, 2 * i + p / 4, c, p / 2 % 2, p % 2);
      expected.values.push_back(sum / 8);
    }
  const auto features = ops.global_average_pool(ops.input("x", {2, 3, 2, 2}));
  expect_near(run(ops.mean_of_views(ops.split_views(features, 2)), {{"x", x}}), expected);
}

TEST(Graph, NamesTheWeightThatIsMissingOrMisshapen) {
  const Weights weights{{"fc.weight", random_tensor({4, 5}, 1)}};
  GraphOps ops(weights);
  const auto x = ops.input("x", {1, 5});
  EXPECT_THAT(error_of([&] { ops.linear("fc", x, 4); }), HasSubstr("fc.bias"));
  GraphOps other(weights);
  EXPECT_THAT(error_of([&] {
                other.linear("fc", other.input("x", {1, 6}), 4);
              }),
              HasSubstr("fc.weight: weight has the wrong shape; expected [4, 6], got [4, 5]"));
}

TEST(Graph, RefusesOutputsThatBearAnotherName) {
  const Weights weights;
  GraphOps ops(weights);
  const auto x = ops.input("x", {1, 5});
  EXPECT_THAT(error_of([&] { ops.output("x", x); }), HasSubstr("x: output has the name of an input"));
  ops.output("y", x);
  EXPECT_THAT(error_of([&] { ops.input("x", {1, 5}); }), HasSubstr("x: input has the name of another"));
  EXPECT_THAT(error_of([&] { ops.output("y", x); }), HasSubstr("y: output is named twice"));
}

TEST(Graph, ChipThatNeedsNoCuttingIsLeftAlone) {
  const Weights weights;
  GraphOps ops(weights);
  const auto chip = ops.chip(32);
  EXPECT_EQ(ops.views(chip, constant_affines(ops, {kWholeFace}), 32).name, chip.name);
  EXPECT_NE(ops.views(chip, constant_affines(ops, {kMirroredFace}), 32).name, chip.name);
  EXPECT_NE(ops.views(chip, constant_affines(ops, {kWholeFace}), 31).name, chip.name);
}

TEST(OnnxModel, SaysWhatItIs) {
  auto model = random_model(32);
  model.licence = "Apache-2.0";
  const auto onnx = onnx_model(model);
  for (const auto* text : {"random", "contempt", "chip_size", "Apache-2.0"})
    EXPECT_THAT(onnx, HasSubstr(text));
}

TEST(OnnxModel, RefusesWeightsOfAnotherNetwork) {
  auto model = random_model(32);
  model.weights["stray"] = {{1}, {0}};
  EXPECT_THAT(error_of([&] { onnx_model(model); }), HasSubstr("stray"));
}

TEST(OnnxModel, TemperatureFlattensProbabilities) {
  auto model = random_model(32);
  model.network.temperature = 2;
  const auto outputs = run_graph(onnx_model(model), {{"chip", random_tensor({1, 3, 32, 32}, 1, 0, 255)}});
  const auto& logits = outputs.at("logits").values;
  const auto& probabilities = outputs.at("probabilities").values;
  ASSERT_EQ(logits.size(), 8u);
  EXPECT_NEAR(std::log(probabilities[1] / probabilities[0]), (logits[1] - logits[0]) / 2, 1e-4);
}

}  // namespace
}  // namespace regard

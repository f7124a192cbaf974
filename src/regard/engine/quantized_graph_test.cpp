#include "regard/engine/quantized_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "regard/engine/engine.h"
#include "tests/run_graph.h"
#include "tests/support.h"

namespace regard {
namespace {

using namespace test;
using testing::ElementsAre;

/// y = convolution of x [n, 2, 3, 3] by a kernel of 1 x 1, [2, 2].
OnnxGraph one_convolution(const Weights& weights) {
  GraphOps ops(weights);
  const auto x = ops.input("x", {1, 2, 3, 3});
  ops.output("y", ops.conv2d("c", x, {.out = 2, .kernel = 1}));
  return ops.graph();
}

const Weights& kernel() {
  static const Weights kernel{{"c.weight", {{2, 2, 1, 1}, {.63f, -.104f, 10, 0}}}};
  return kernel;
}

/// All pixels of the input are (a, b); the first pixel of the output.
std::vector<float> answer(const Quantization& quantization, float a, float b) {
  auto graph = one_convolution(kernel());
  quantize(graph, quantization);
  Tensor x{{1, 2, 3, 3}, std::vector<float>(18, a)};
  std::fill(x.values.begin() + 9, x.values.end(), b);
  const auto y = run_graph(write_onnx(graph, {}), {{"x", x}}).at("y").values;
  return {y[0], y[9]};
}

void expect_answer(const std::vector<float>& got, float first, float second) {
  EXPECT_NEAR(got[0], first, 1e-5f);
  EXPECT_NEAR(got[1], second, 1e-4f);
}

TEST(QuantizedGraph, WeightsHaveSevenBitsAndAScaleForEachChannel) {
  // Steps of .01 and of 10 / 63.
  const auto rounded = rounded_weights(kernel().at("c.weight").values, 2);
  EXPECT_THAT(rounded, ElementsAre(testing::FloatEq(.63f), testing::FloatEq(-.1f), testing::FloatEq(10), 0));
  EXPECT_THAT(rounded_weights({0, 0}, 1), ElementsAre(0, 0));
}

TEST(QuantizedGraph, InputsAreRoundedAndClipped) {
  // Steps of .1, of unsigned numbers: 2.04 is 2, 1 stays, beyond 25.5 is 25.5, below 0 is 0.
  const Quantization positive{.layers = {{"c", {.low = 0, .high = 25.5f}}}};
  expect_answer(answer(positive, 2.04f, 1), 2 * .63f - .1f, 20);
  expect_answer(answer(positive, 99, 1), 25.5f * .63f - .1f, 255);
  expect_answer(answer(positive, -3, 1), -.1f, 0);
  // The same steps on both sides of 0, from -128 to 127.
  const Quantization both{.layers = {{"c", {.low = -12.7f, .high = 5}}}};
  expect_answer(answer(both, -2.04f, 1), -2 * .63f - .1f, -20);
  expect_answer(answer(both, -99, 1), -12.8f * .63f - .1f, -128);
}

TEST(QuantizedGraph, BiasIsAdded) {
  const Quantization corrected{.layers = {{"c", {.low = 0, .high = 25.5f, .bias = {.5f, -1}}}}};
  expect_answer(answer(corrected, 2, 1), 2 * .63f - .1f + .5f, 19);
}

TEST(QuantizedGraph, OtherLayersStay) {
  auto graph = one_convolution(kernel());
  const auto before = write_onnx(graph, {});
  quantize(graph, {.layers = {{"d", {.low = 0, .high = 1}}}});
  EXPECT_EQ(write_onnx(graph, {}), before);
  const auto found = convolutions_of(graph);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].layer, "c");
  EXPECT_EQ(found[0].input, "x");
}

/// A depthwise convolution of two inputs: OpenVINO must not rescale its weights twice.
TEST(QuantizedGraph, ALayerMayBeUsedSeveralTimes) {
  const Weights depthwise{{"c.weight", {{2, 1, 1, 1}, {.63f, 6.3f}}}};
  GraphOps ops(depthwise);
  const auto part = [&](const char* name) {
    return ops.conv2d("c", ops.input(name, {1, 2, 3, 3}), {.out = 2, .kernel = 1, .groups = 2});
  };
  ops.output("y", part("x"));
  ops.again([&] {
    ops.output("v", part("z"));
    return 0;
  });
  auto graph = ops.graph();
  quantize(graph, {.layers = {{"c", {.low = 0, .high = 25.5f}}}});
  EXPECT_EQ(std::ranges::count(graph.nodes, "QuantizeLinear", &OnnxNode::type), 2);
  const Tensor one{{1, 2, 3, 3}, std::vector<float>(18, 1)}, two{{1, 2, 3, 3}, std::vector<float>(18, 2)};
  const auto outputs = run_graph(write_onnx(graph, {}), {{"x", one}, {"z", two}});
  expect_answer({outputs.at("y").values[0], outputs.at("y").values[9]}, .63f, 6.3f);
  expect_answer({outputs.at("v").values[0], outputs.at("v").values[9]}, 1.26f, 12.6f);
}

/// Chips that differ smoothly, as faces do.
std::vector<Image> smooth_chips(int count, int size) {
  std::vector<Image> chips;
  for (int i = 0; i < count; ++i) {
    auto& chip = chips.emplace_back(size, size);
    for (int y = 0; y < size; ++y)
      for (int x = 0; x < size * 3; ++x)
        chip.row(y)[x] = static_cast<std::uint8_t>(128 + 100 * std::sin(.1f * y * (i + 1) + .05f * (x / 3)));
  }
  return chips;
}

TEST(QuantizedGraph, ShippedModelsAnswerNearlyAsInF32) {
  const std::filesystem::path folder = REGARD_SOURCE_DIR "/models";
  for (const auto* name : {"ferplus-mobilenet", "ferplus-ran", "ferplus-phanet"}) {
    SCOPED_TRACE(name);
    const auto model = load_model(folder / (std::string(name) + ".safetensors"));
    const auto images = smooth_chips(4, model.network.chip_size);
    const std::vector<ImageView> chips(images.begin(), images.end());
    const auto exact = Engine(model).predict(chips).probabilities;
    const auto rounded = Engine(model, {.precision = "int8"}).predict(chips).probabilities;
    float worst = 0;
    for (std::size_t i = 0; i < exact.size(); ++i) worst = std::max(worst, std::abs(exact[i] - rounded[i]));
    EXPECT_LT(worst, .1f);
    EXPECT_GT(worst, 0) << "the same arithmetic";
  }
}

}  // namespace
}  // namespace regard

#include "regard/network/phanet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "regard/core/file.h"
#include "regard/network/network.h"
#include "tests/run_graph.h"
#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using test::random_model;
using test::run_graph;
using test::Tensor;
using test::Tensors;
using testing::HasSubstr;

/// What the NumPy script tests/golden/phanet.py computes of the network's parts.
const Json& golden_parts() {
  static const Json values =
      Json::parse(read_text(REGARD_SOURCE_DIR "/tests/golden/phanet.json")).at("parts");
  return values;
}

Tensor tensor_of(const Json& json) {
  return {json.at("shape").get<Shape>(), json.at("values").get<std::vector<float>>()};
}

void expect_near(const Tensor& got, const Tensor& expected, float tolerance) {
  EXPECT_EQ(got.shape, expected.shape);
  EXPECT_THAT(got.values, testing::Pointwise(testing::FloatNear(tolerance), expected.values));
}

constexpr float kZoom = .9f;

PhanetOptions small_options() {
  PhanetOptions options;
  options.parts = 2;
  options.smallest = .45f;
  options.largest = .85f;
  options.zoom = kZoom;
  options.flip_tta = true;
  return options;
}

TEST(Phanet, ProposalsAreThoseOfTheFormula) {
  const auto& values = golden_parts().at("proposal");
  Weights weights;
  for (const auto& [name, value] : values.at("weights").items()) weights["p." + name] = tensor_of(value);
  GraphOps ops(weights);
  const auto map = ops.input("map", {1, 6, 5, 4}), pose = ops.input("pose", {1, 3});
  ops.output("proposal", phanet_parts::propose(ops, "p", map, {pose}, small_options()));
  const auto got = run_graph(ops.serialize(),
                             {{"map", tensor_of(values.at("map"))}, {"pose", tensor_of(values.at("pose"))}});
  expect_near(got.at("proposal"), tensor_of(values.at("proposal")), 1e-5f);
}

/// Of a face as it is and mirrored, the second of two nested squares, and what is seen there.
TEST(Phanet, PlacesAndViewsOfNestedSquaresAreThoseOfTheFormula) {
  const auto& values = golden_parts().at("places");
  const auto& sampler = golden_parts().at("sampler");
  const auto options = small_options();
  const Weights none;
  GraphOps ops(none);
  const auto chip = ops.chip(12);
  auto place = phanet_parts::first_place(ops, options);
  for (const char* name : {"first", "second"}) {
    const auto square = ops.squares_within(ops.input(name, {2, 3}), options.smallest, options.largest);
    place = ops.compose(place, ops.split_views(square, 2));
  }
  ops.output("affines", place);
  ops.output("views", ops.views(chip, place, 7));
  const auto twice = [&](const char* name) {  // the same proposal for both looks
    auto tensor = tensor_of(values.at(name));
    std::vector<float> rows;
    for (std::size_t i = 0; i < tensor.values.size(); i += 3)
      for (int flip = 0; flip < 2; ++flip)
        rows.insert(rows.end(), {tensor.values[i], tensor.values[i + 1], tensor.values[i + 2]});
    return Tensor{{2 * tensor.shape[0], 3}, rows};
  };
  const auto got = run_graph(
      ops.serialize(),
      {{"chip", tensor_of(sampler.at("images"))}, {"first", twice("first")}, {"second", twice("second")}});
  expect_near(got.at("affines"), tensor_of(values.at("affines")), 1e-6f);
  expect_near(got.at("views"), tensor_of(sampler.at("views")), 2e-2f);  // of 0 to 255
}

TEST(Phanet, GatesAreThoseOfTheFormula) {
  const auto& values = golden_parts().at("gate");
  const Weights weights{{"gate.weight", tensor_of(values.at("weight"))},
                        {"gate.bias", tensor_of(values.at("bias"))}};
  const auto expect_gate = [&](const char* name, const PhanetOptions& options) {
    GraphOps ops(weights);
    phanet_parts::Scales<GraphOps> scales;
    scales.features = ops.input("features", {1, 3, 5});
    scales.pose = {ops.input("pose", {1, 3})};
    ops.output("gate", phanet_parts::weigh_scales(ops, scales, options));
    const auto got = run_graph(ops.serialize(), {{"features", tensor_of(values.at("features"))},
                                                 {"pose", tensor_of(values.at("pose"))}});
    expect_near(got.at("gate"), tensor_of(values.at(name)), 1e-5f);
  };
  PhanetOptions options;
  expect_gate("all", options);
  options.only = {0, 2};
  expect_gate("two", options);
  options.only = {};
  options.top = 2;
  expect_gate("best_two", options);
}

Tensors run(const Model& model, int faces) {
  const std::int64_t size = model.network.chip_size;
  return run_graph(onnx_model(model), {{"chip", test::random_tensor({faces, 3, size, size}, 1, 0, 255)}});
}

TEST(Phanet, ZoomsLieWithinTheScaleBefore) {
  const auto outputs = run(random_model(48, R"({"input_size": 64, "scales": 4})", "phanet"), 5);
  const auto& places = outputs.at("affines");
  ASSERT_EQ(places.shape, (Shape{5, 4, 2, 3}));
  for (std::size_t i = 0; i < 20; ++i) {
    const float* m = &places.values[6 * i];
    EXPECT_EQ(m[1], 0);
    EXPECT_EQ(m[3], 0);
    EXPECT_FLOAT_EQ(m[0], m[4]);
    if (i % 4 == 0) {
      EXPECT_EQ(std::vector<float>(m, m + 6), (std::vector<float>{1, 0, 0, 0, 1, 0}));
      continue;
    }
    const float* before = m - 6;
    EXPECT_GE(m[0] / before[0], .6f - 1e-5f);
    EXPECT_LE(m[0] / before[0], .9f + 1e-5f);
    for (const int shift : {2, 5}) {
      EXPECT_GE(m[shift], before[shift] - 1e-5f);
      EXPECT_LE(m[shift] + m[0], before[shift] + before[0] + 1e-5f);
    }
  }
}

TEST(Phanet, FreshWeightsLookAtTheMiddleAndWeighScalesAlike) {
  auto model = random_model(48, R"({"input_size": 64})", "phanet");
  model.weights = initial_weights(describe_network(model.network).parameters(), 1);
  const auto outputs = run(model, 2);
  EXPECT_THAT(outputs.at("gate").values, testing::Each(testing::FloatNear(1 / 3.f, 1e-6f)));
  const auto& places = outputs.at("affines").values;
  const std::vector<float> zoom_1{.75f, 0, .125f, 0, .75f, .125f};
  EXPECT_THAT(std::vector<float>(&places[6], &places[12]),
              testing::Pointwise(testing::FloatNear(1e-6f), zoom_1));
}

/// Whatever the weights: sides .72, then .72 squared, both in the middle.
TEST(Phanet, FixedPlacesAreThoseOfFreshProposals) {
  const char* options = R"({"input_size": 64, "places": "fixed", "smallest": 0.6, "largest": 0.84})";
  const auto outputs = run(random_model(48, options, "phanet"), 3);
  const auto& places = outputs.at("affines");
  ASSERT_EQ(places.shape, (Shape{3, 3, 2, 3}));
  for (std::size_t face = 0; face < 3; ++face)
    for (std::size_t scale = 0; scale < 3; ++scale) {
      const float side = scale == 0 ? 1 : scale == 1 ? .72f : .72f * .72f, edge = (1 - side) / 2;
      const std::vector<float> centred{side, 0, edge, 0, side, edge};
      const auto* place = &places.values[18 * face + 6 * scale];
      EXPECT_THAT(std::vector<float>(place, place + 6),
                  testing::Pointwise(testing::FloatNear(1e-6f), centred));
    }
}

TEST(Phanet, DoesWithoutAScaleAsThoughItsWeightWereZero) {
  const auto model = random_model(48, R"({"input_size": 64})", "phanet");
  EXPECT_EQ(attended_views(model.network), (std::vector<std::string>{"whole face", "zoom 1", "zoom 2"}));
  auto less = model;
  less.network = without_view(model.network, 1);
  EXPECT_EQ(attended_views(less.network), (std::vector<std::string>{"whole face", "zoom 2"}));
  const auto all = run(model, 2), two = run(less, 2);
  const auto &weights = all.at("gate").values, &left = two.at("gate").values;
  for (std::size_t face = 0; face < 2; ++face) {
    const float rest = weights[3 * face] + weights[3 * face + 2];
    EXPECT_NEAR(left[2 * face], weights[3 * face] / rest, 1e-5);
    for (std::size_t i = 0; i < 6; ++i)
      EXPECT_EQ(two.at("affines").values[12 * face + 6 + i], all.at("affines").values[18 * face + 12 + i]);
  }
  EXPECT_THAT(error_of([&] { without_view(without_view(less.network, 0), 0); }),
              HasSubstr("cannot do without this view"));
  EXPECT_EQ(describe_network(less.network).parameters().size(),
            describe_network(model.network).parameters().size());
}

TEST(Phanet, OneScaleIsThePlainNetworkWithAPose) {
  NetworkConfig config{"phanet", {{"input_size", 64}, {"scales", 1}}, 48, 8, 1};
  EXPECT_TRUE(attended_views(config).empty());
  const auto one = describe_network(config);
  NetworkConfig plain{"plain", {{"input_size", 64}}, 48, 8, 1};
  EXPECT_EQ(one.parameters().size(), describe_network(plain).parameters().size() + 2);
  EXPECT_EQ(one.outputs().front().first, "pose");
}

TEST(Phanet, RefusesOptionsOutOfRange) {
  const auto error = [](const char* options) {
    return error_of([&] { describe_network({"phanet", Json::parse(options), 48, 8, 1}); });
  };
  EXPECT_THAT(error(R"({"scales": 0})"), HasSubstr("scales"));
  EXPECT_THAT(error(R"({"pose": "angle"})"), HasSubstr("angles, classes or none"));
  EXPECT_THAT(error(R"({"gate": "hard"})"), HasSubstr("softmax or uniform"));
  EXPECT_THAT(error(R"({"places": "frozen"})"), HasSubstr("proposed or fixed"));
  EXPECT_THAT(error(R"({"only": [0, 3]})"), HasSubstr("only"));
  EXPECT_THAT(error(R"({"only": [1, 0]})"), HasSubstr("rising"));
  EXPECT_THAT(error(R"({"top": 4})"), HasSubstr("top"));
  EXPECT_THAT(error(R"({"pose": "classes", "yaws": [0.0]})"), HasSubstr("yaws"));
  EXPECT_THAT(error(R"({"smallest": 0.9, "largest": 0.8})"), HasSubstr("squares"));
}

}  // namespace
}  // namespace regard

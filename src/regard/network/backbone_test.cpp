#include "regard/network/backbone.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

#include "regard/core/file.h"
#include "regard/network/network.h"
#include "tests/run_graph.h"
#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using test::run_graph;
using test::Tensor;
using testing::AllOf;
using testing::HasSubstr;

/// In [-1, 1): a hash of the name (FNV-1a) plus the place, mixed (lowbias32); as in
/// tests/golden/backbones.py.
Tensor numbers(const std::string& name, const Shape& shape) {
  std::uint32_t seed = 2166136261;
  for (const unsigned char letter : name) seed = (seed ^ letter) * 16777619;
  Tensor tensor{shape, std::vector<float>(static_cast<std::size_t>(element_count(shape)))};
  for (auto& value : tensor.values) {
    std::uint32_t x = seed++;
    x = (x ^ x >> 16) * 0x7feb352d;
    x = (x ^ x >> 15) * 0x846ca68b;
    x ^= x >> 16;
    value = static_cast<float>(x * 0x1p-31 - 1);
  }
  return tensor;
}

Weights golden_weights(const std::vector<ParameterSpec>& specs) {
  Weights weights;
  for (const auto& spec : specs) {
    auto& weight = weights[spec.name] = numbers(spec.name, spec.shape);
    const auto inputs = static_cast<double>(element_count(spec.shape)) / static_cast<double>(spec.shape[0]);
    const auto factor = static_cast<float>(spec.shape.size() > 1 ? std::sqrt(6 / inputs) : .3);
    const float middle = spec.initializer == Initializer::ones ? 1 : 0;
    for (auto& value : weight.values) value = middle + factor * value;
  }
  return weights;
}

SpecOps describe(const std::string& name, const Shape& image) {
  SpecOps ops;
  ops.output("features", backbone(ops, name, image));
  return ops;
}

std::int64_t parameter_count(const SpecOps& ops) {
  std::int64_t count = 0;
  for (const auto& spec : ops.parameters()) count += spec.trained ? element_count(spec.shape) : 0;
  return count;
}

class GoldenBackbone : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Backbone, GoldenBackbone,
                         testing::Values("mobilenet_v1", "resnet18", "vgg16", "sface"),
                         [](const auto& test) { return std::string(test.param); });

/// The golden values come from an implementation that shares no code with this one.
TEST_P(GoldenBackbone, FeaturesAreThoseOfTheReference) {
  const auto golden = Json::parse(read_text(REGARD_SOURCE_DIR "/tests/golden/backbones.json"))[GetParam()];
  const auto batch = golden["image"].get<Shape>();
  const Shape image{1, batch[1], batch[2], batch[3]};
  const auto spec = describe(GetParam(), image);
  Json parameters;
  for (const auto& parameter : spec.parameters()) parameters[parameter.name] = parameter.shape;
  EXPECT_EQ(nlohmann::json(parameters), nlohmann::json(golden["parameters"]));

  const auto weights = golden_weights(spec.parameters());
  GraphOps ops(weights);
  ops.output("features", backbone(ops, GetParam(), ops.input("image", image)));
  const auto features = run_graph(ops.serialize(), {{"image", numbers("image", batch)}}).at("features");
  const auto expected = golden["features"].get<std::vector<double>>();
  const auto step = golden["step"].get<std::size_t>();
  ASSERT_EQ(features.values.size(), expected.size() * step);
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(features.values[i * step], expected[i], 1e-4 * std::max(1., expected[i])) << i * step;
}

TEST(Backbone, PublishedCountsOfParameters) {
  const auto resnet = describe("resnet18", {1, 3, 224, 224}), vgg = describe("vgg16", {1, 3, 224, 224});
  // torchvision's resnet18 and vgg16 have 11,689,512 and 138,357,544 with the classifiers that are left out
  // here.
  EXPECT_EQ(parameter_count(resnet), 11'689'512 - (512 + 1) * 1000);
  EXPECT_EQ(parameter_count(vgg), 138'357'544 - (4096 + 1) * 4096 - (4096 + 1) * 1000);
  EXPECT_EQ(resnet.outputs()[0].second, (Shape{1, 512}));
  EXPECT_EQ(vgg.outputs()[0].second, (Shape{1, 4096}));
}

TEST(Backbone, PartsOfResnetAreTheWhole) {
  SpecOps parts;
  const auto map = resnet18_trunk(parts, {1, 3, 96, 160});
  EXPECT_EQ(map, (Shape{1, 256, 6, 10}));
  EXPECT_EQ(resnet18_last_stage(parts, map), (Shape{1, 512}));
  EXPECT_EQ(parts.multiply_adds(), describe("resnet18", {1, 3, 96, 160}).multiply_adds());
}

TEST(Backbone, UnknownNamesAreErrorsThatListTheKnown) {
  EXPECT_THAT(error_of([] {
                describe("resnet19", {1, 3, 64, 64});
              }),
              AllOf(HasSubstr("resnet19"), HasSubstr("mobilenet_v1, resnet18, vgg16, sface")));
}

TEST(Backbone, ImagesThatAreTooSmallAreErrors) {
  EXPECT_THAT(error_of([] { describe("vgg16", {1, 3, 31, 64}); }), HasSubstr("smaller"));
}

}  // namespace
}  // namespace regard

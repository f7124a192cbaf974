#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "regard/core/options.h"
#include "regard/engine/graph.h"
#include "regard/network/table.h"
#include "regard/region/views.h"
#include "tests/run_graph.h"
#include "train/torch/ops.h"

/// TorchOps and GraphOps hold to the contract of SpecOps, and so to each other; networks_test.cpp has whole
/// networks.
namespace regard {
namespace {

using namespace test;

template <class Ops>
using Function = std::function<Value<Ops>(Ops&, const std::vector<Value<Ops>>&)>;

/// One op with the shapes of its inputs (of one face) and the range of their values.
struct Case {
  std::string name;
  std::vector<Shape> inputs;
  Function<SpecOps> spec;
  Function<GraphOps> graph;
  Function<TorchOps> torch;
  float low = -1, high = 1;

  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }
};

template <class Op>
Case make_case(const std::string& name, const std::vector<Shape>& inputs, Op op, float low = -1,
               float high = 1) {
  return {name, inputs, op, op, op, low, high};
}

/// The whole face, its flip, a rotated part of it and one that extends beyond the chip.
const std::vector<float> kAffines{1,   0,   0,   0,    1,   0,   -1,  0, 1,   0, 1,   0,
                                  .4f, .2f, .1f, -.2f, .4f, .3f, .8f, 0, .5f, 0, .8f, -.3f};

/// What a backbone is built of.
std::vector<Case> layer_cases() {
  const Shape image{1, 4, 9, 7}, row{1, 6};
  const Conv2dOptions uneven{.out = 6, .stride = 2, .padding = {0, 2, 1, 3}, .groups = 2, .bias = true};
  const Conv2dOptions depthwise{.out = 4, .padding = Padding::all(1), .groups = 4};
  const Conv2dOptions pointwise{.out = 5, .kernel = 1};
  return {
      make_case("conv2d", {image}, [=](auto& ops, auto& x) { return ops.conv2d("c", x[0], uneven); }),
      make_case("depthwise", {image}, [=](auto& ops, auto& x) { return ops.conv2d("c", x[0], depthwise); }),
      make_case("pointwise", {image}, [=](auto& ops, auto& x) { return ops.conv2d("c", x[0], pointwise); }),
      make_case("batch_norm", {image},
                [](auto& ops, auto& x) { return ops.batch_norm("b", x[0], Activation::none, .01f); }),
      make_case("batch_norm_relu", {image},
                [](auto& ops, auto& x) { return ops.batch_norm("b", x[0], Activation::relu, .01f); }),
      make_case("batch_norm_relu6", {image},
                [](auto& ops, auto& x) { return ops.batch_norm("b", x[0], Activation::relu6, .01f); }),
      make_case("linear", {row}, [](auto& ops, auto& x) { return ops.linear("fc", x[0], 5); }),
      make_case("linear_of_views", {{1, 2, 6}}, [](auto& ops, auto& x) { return ops.linear("fc", x[0], 5); }),
      make_case("dropout", {row}, [](auto& ops, auto& x) { return ops.dropout(x[0], .5f); }),
      make_case("global_average_pool", {image},
                [](auto& ops, auto& x) { return ops.global_average_pool(x[0]); }),
      make_case("max_pool", {image}, [](auto& ops, auto& x) { return ops.max_pool(x[0], 2, 2); }),
      make_case(
          "max_pool_padded", {image}, [](auto& ops, auto& x) { return ops.max_pool(x[0], 3, 2, 1); }, -2, -1),
      make_case("flatten", {image}, [](auto& ops, auto& x) { return ops.flatten(x[0]); }),
      make_case("add", {image, image}, [](auto& ops, auto& x) { return ops.add(x[0], x[1]); }),
      make_case("linear_without_bias", {row},
                [](auto& ops, auto& x) { return ops.linear("fc", x[0], 5, false); }),
  };
}

/// Value by value, or colour by colour.
std::vector<Case> value_cases() {
  const Shape chip{1, 3, 12, 10}, row{1, 6};
  const NormalizeOptions colour{.mean = {10, 20, 30}, .std = {100, 200, 50}};
  const NormalizeOptions grey{.grey = true, .mean = {90, 90, 90}, .std = {64, 64, 64}};
  return {
      make_case("relu", {row}, [](auto& ops, auto& x) { return ops.relu(x[0]); }),
      make_case(
          "relu6", {row}, [](auto& ops, auto& x) { return ops.relu6(x[0]); }, -3, 9),
      make_case("prelu", {{1, 4, 5, 3}}, [](auto& ops, auto& x) { return ops.prelu("p", x[0]); }),
      make_case(
          "sigmoid", {row}, [](auto& ops, auto& x) { return ops.sigmoid(x[0]); }, -4, 4),
      make_case(
          "softmax", {row}, [](auto& ops, auto& x) { return ops.softmax(x[0]); }, -4, 4),
      make_case("scale", {row}, [](auto& ops, auto& x) { return ops.scale(x[0], -2.5f); }),
      make_case("luma", {chip}, [](auto& ops, auto& x) { return ops.luma(x[0]); }),
      make_case("luma_of_grey", {{1, 1, 4, 4}}, [](auto& ops, auto& x) { return ops.luma(x[0]); }),
      make_case(
          "normalize", {chip}, [=](auto& ops, auto& x) { return ops.normalize(x[0], colour); }, 0, 255),
      make_case(
          "normalize_luma", {chip}, [=](auto& ops, auto& x) { return ops.normalize(x[0], grey); }, 0, 255),
      make_case(
          "normalize_grey", {{1, 1, 4, 4}}, [=](auto& ops, auto& x) { return ops.normalize(x[0], grey); }, 0,
          255),
      make_case(
          "log", {row}, [](auto& ops, auto& x) { return ops.log(x[0]); }, .1f, 2),
  };
}

/// How views are cut.
std::vector<Case> view_cases() {
  const Shape image{1, 4, 9, 7}, chip{1, 3, 12, 10};
  return {
      make_case("fixed_views", {chip},
                [](auto& ops, auto& x) {
                  return ops.views(x[0], ops.constant({1, 4, 2, 3}, kAffines), 9);
                }),
      make_case("fixed_views_of_grey", {{1, 1, 8, 8}},
                [](auto& ops, auto& x) {
                  return ops.views(x[0], ops.constant({1, 4, 2, 3}, kAffines), 9);
                }),
      make_case("whole_face", {{1, 3, 8, 8}},
                [](auto& ops, auto& x) { return ops.views(x[0], constant_affines(ops, {kWholeFace}), 8); }),
      make_case("views", {chip, {1, 2, 2, 3}}, [](auto& ops, auto& x) { return ops.views(x[0], x[1], 9); }),
      make_case("fixed_regions_of_map", {image},
                [](auto& ops, auto& x) {
                  return ops.regions(x[0], ops.constant({1, 4, 2, 3}, kAffines), 5);
                }),
      make_case(
          "random_regions", {chip},
          [](auto& ops, auto& x) { return ops.views(x[0], ops.random_regions({.count = 3, .seed = 5}), 6); }),
      make_case(
          "squares_around", {{1, 5, 2}}, [](auto& ops, auto& x) { return ops.squares_around(x[0], .4f); }, 0,
          1),
      make_case("with_mirrored", {{1, 2, 2, 3}}, [](auto& ops, auto& x) { return ops.with_mirrored(x[0]); }),
      make_case(
          "squares_within", {{1, 3}}, [](auto& ops, auto& x) { return ops.squares_within(x[0], .4f, .9f); },
          -3, 3),
      make_case("compose", {{1, 2, 2, 3}, {1, 2, 2, 3}},
                [](auto& ops, auto& x) { return ops.compose(x[0], x[1]); }),
      make_case("compose_with_the_same_for_all", {{1, 4, 2, 3}},
                [](auto& ops, auto& x) {
                  return ops.compose(ops.constant({1, 4, 2, 3}, kAffines), x[0]);
                }),
      make_case(
          "soft_argmax", {{1, 4, 5, 7}}, [](auto& ops, auto& x) { return ops.soft_argmax(x[0]); }, -4, 4),
      make_case("views_of_proposed_squares", {chip, {1, 3}},
                [](auto& ops, auto& x) {
                  const auto squares = ops.split_views(ops.squares_within(x[1], .4f, .9f), 1);
                  return ops.views(x[0], squares, 9);
                }),
      make_case("fixed_views_with_mirrored", {chip},
                [](auto& ops, auto& x) {
                  return ops.views(x[0], ops.with_mirrored(ops.constant({1, 4, 2, 3}, kAffines)), 9);
                }),
  };
}

/// How the features of views are put together.
std::vector<Case> pooling_cases() {
  return {
      make_case("split_views", {{2, 6}}, [](auto& ops, auto& x) { return ops.split_views(x[0], 2); }),
      make_case("split_views_of_affines", {{2, 2, 3}},
                [](auto& ops, auto& x) { return ops.split_views(x[0], 2); }),
      make_case("join_views", {{1, 2, 6}, {1, 3, 6}},
                [](auto& ops, auto& x) {
                  return ops.join_views({x[0], x[1]});
                }),
      make_case("join_views_with_a_constant", {{1, 1, 2, 3}},
                [](auto& ops, auto& x) {
                  return ops.join_views({ops.constant({1, 4, 2, 3}, kAffines), x[0]});
                }),
      make_case("concat", {{1, 2}, {1, 3}, {1, 2}},
                [](auto& ops, auto& x) {
                  return ops.concat({x[0], x[1], x[2]});
                }),
      make_case(
          "keep_largest", {{1, 5}}, [](auto& ops, auto& x) { return ops.keep_largest(x[0], 2); }, .1f, 1),
      make_case("again", {{1, 6}},
                [](auto& ops, auto& x) {
                  const auto layer = [&](const auto& y) { return ops.linear("fc", y, 6); };
                  const auto y = ops.relu(layer(x[0]));
                  return ops.again([&] { return layer(y); });
                }),
      make_case("mean_of_views", {{1, 2, 6}}, [](auto& ops, auto& x) { return ops.mean_of_views(x[0]); }),
      make_case(
          "normalized_weights", {{1, 3}}, [](auto& ops, auto& x) { return ops.normalized_weights(x[0]); },
          .1f, 1),
      make_case(
          "weighted_mean", {{1, 3, 6}, {1, 3}},
          [](auto& ops, auto& x) { return ops.weighted_mean(x[0], x[1]); }, .1f, 1),
      make_case("append_to_views", {{1, 3, 6}, {1, 4}},
                [](auto& ops, auto& x) { return ops.append_to_views(x[0], x[1]); }),
      make_case("concat_views", {{1, 3, 6}}, [](auto& ops, auto& x) { return ops.concat_views(x[0]); }),
      make_case("pick_view", {{1, 3, 6}}, [](auto& ops, auto& x) { return ops.pick_view(x[0], 1); }),
      make_case("pick_view_of_weights", {{1, 2, 6}},
                [](auto& ops, auto& x) { return ops.pick_view(x[0], 0); }),
      make_case("keep_views", {{1, 4, 2, 3}},
                [](auto& ops, auto& x) {
                  return ops.keep_views(x[0], {3, 1});
                }),
      make_case("drop_views", {{1, 3}}, [](auto& ops, auto& x) { return ops.drop_views(x[0], .5f); }),
      make_case("roll_over_batch", {{1, 3}}, [](auto& ops, auto& x) { return ops.roll_over_batch(x[0]); }),
      make_case("squeeze", {{1, 3, 1}}, [](auto& ops, auto& x) { return ops.squeeze(x[0]); }),
      make_case("multiply", {{1, 3}, {1, 3}}, [](auto& ops, auto& x) { return ops.multiply(x[0], x[1]); }),
  };
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (auto& part : {layer_cases(), value_cases(), view_cases(), pooling_cases()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

at::Tensor as_torch(const Tensor& tensor) {
  return at::tensor(tensor.values).view(tensor.shape);
}

/// max |got - expected|, counted from 1 as a share of the value.
double error_of(const at::Tensor& got, const at::Tensor& expected) {
  return ((got - expected).abs() / expected.abs().clamp_min(1)).max().item<double>();
}

std::vector<Tensor> random_inputs(const Case& c, int n) {
  std::vector<Tensor> inputs;
  for (auto shape : c.inputs) {
    shape[0] *= n;
    inputs.push_back(random_tensor(shape, static_cast<int>(inputs.size()) + n, c.low, c.high));
  }
  return inputs;
}

class OpTest : public testing::TestWithParam<Case> {
 protected:
  const Case& op = GetParam();
  SpecOps spec;
  Shape shape = op.spec(spec, op.inputs);
  Weights weights = lively_weights(spec.parameters(), 7);
  TorchWeights tensors = to_torch(weights, spec.parameters());

  at::Tensor run_torch(const std::vector<at::Tensor>& inputs, TorchOps::Options options = {}) {
    TorchOps ops(tensors, at::zeros({1}), std::move(options));
    return op.torch(ops, inputs);
  }

  /// A number that every value of the result has its share in, from `inputs`; summed in double.
  at::Tensor objective(const std::vector<at::Tensor>& inputs, const TorchOps::Options& options) {
    const auto y = run_torch(inputs, options).to(at::kDouble);
    return (y * at::arange(1, y.numel() + 1, at::kDouble).sin().view(y.sizes())).sum();
  }

  void expect_gradients(const TorchOps::Options& options = {});
};

INSTANTIATE_TEST_SUITE_P(Ops, OpTest, testing::ValuesIn(cases()),
                         [](const auto& test) { return test.param.name; });

TEST_P(OpTest, TorchAndGraphAreEqual) {
  for (const int n : {1, 3, 8}) {
    const auto inputs = random_inputs(op, n);
    GraphOps graph(weights);
    std::vector<GraphOps::Value> edges;
    std::vector<at::Tensor> values;
    Tensors named;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const auto name = std::string("x").append(std::to_string(i));
      edges.push_back(graph.input(name, op.inputs[i]));
      values.push_back(as_torch(inputs[i]));
      named[name] = inputs[i];
    }
    graph.output("y", op.graph(graph, edges));
    const auto got = as_torch(run_graph(graph.serialize(), named).at("y"));
    const auto expected = run_torch(values).detach();
    auto batch_shape = shape;
    batch_shape[0] *= n;
    EXPECT_EQ(expected.sizes().vec(), batch_shape);
    ASSERT_EQ(got.sizes(), expected.sizes());
    EXPECT_LE(error_of(got, expected), 1e-5) << "batch " << n;
  }
}

/// Holds autograd's derivative along random directions, of inputs and parameters at once, against the
/// difference of two runs. A step may cross a kink (of relu, or between pixels), so that the middle one of
/// several directions counts.
void OpTest::expect_gradients(const TorchOps::Options& options) {
  std::vector<at::Tensor> leaves, inputs;
  const float span = (op.high - op.low) / 2;
  for (const auto& input : random_inputs(op, 3)) {
    inputs.push_back(as_torch(input).set_requires_grad(true));
    leaves.push_back(inputs.back());
  }
  for (auto& [name, tensor] : tensors)
    if (tensor.requires_grad()) leaves.push_back(tensor);
  const auto gradients = torch::autograd::grad({objective(inputs, options)}, leaves);

  at::manual_seed(1);
  const at::NoGradGuard no_gradients;
  std::array<double, 5> errors;  // as shares of what such a step changes
  for (auto& error : errors) {
    std::vector<at::Tensor> steps;
    double expected = 0, length = 0;
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      steps.push_back(at::randn_like(leaves[i]) * (i < inputs.size() ? 1e-4f * span : 1e-4f));
      expected += (gradients[i] * steps[i]).sum().item<double>();
      length += (gradients[i] * steps[i]).square().sum().item<double>();
    }
    const auto move = [&](float factor) {
      for (std::size_t i = 0; i < leaves.size(); ++i) leaves[i].add_(steps[i], factor);
    };
    move(1);
    const double ahead = objective(inputs, options).item<double>();
    move(-2);
    const double behind = objective(inputs, options).item<double>();
    move(1);
    error = std::abs((ahead - behind) / 2 - expected) / std::sqrt(length);
  }
  std::ranges::sort(errors);
  EXPECT_LT(errors[2], .01);
}

TEST_P(OpTest, GradientsAreThoseOfDifferences) {
  expect_gradients();
  TorchOps::Options training;
  training.batch_norm = BatchNormMode::batch;
  if (op.name.starts_with("batch_norm")) expect_gradients(training);
}

TEST(TorchOps, GradientsStopWhereTheyShall) {
  TorchWeights none;
  TorchOps ops(none, at::zeros({1}), {});
  const auto x = at::arange(3, at::kFloat).set_requires_grad(true);
  const auto y = ops.multiply(x, ops.stop_gradient(x)).sum();
  EXPECT_TRUE(at::equal(torch::autograd::grad({y}, {x})[0], x));
}

/// The outputs of a model for n random chips, in torch and in OpenVINO.
void expect_equal_outputs(const Model& model, int n) {
  const std::int64_t size = model.network.chip_size;
  const auto chips = random_tensor({n, 3, size, size}, n, 0, 255);
  const auto specs = describe_network(model.network).parameters();
  auto tensors = to_torch(model.weights, specs);
  const at::NoGradGuard no_gradients;
  TorchOps ops(tensors, as_torch(chips), {});
  build_network(ops, model.network);
  const auto outputs = run_graph(onnx_model(model), {{"chip", chips}});
  const auto probabilities = as_torch(outputs.at("probabilities"));
  EXPECT_LE((probabilities - ops.output("probabilities")).abs().max().item<double>(), 1e-4) << "batch " << n;
  for (const auto& [name, tensor] : outputs) {
    if (name.find(':') != std::string::npos) continue;  // the edge's own name beside the output's
    ASSERT_EQ(as_torch(tensor).sizes(), ops.output(name).sizes()) << name;
    EXPECT_LE(error_of(as_torch(tensor), ops.output(name)), name == "logits" ? 1e-3 : 1e-4) << name;
  }
  EXPECT_GT(probabilities.max().item<double>(), .15) << "a network that says nothing";
}

TEST(Network, PhanetIsTheSameInTorchAndGraph) {
  for (const auto* options :
       {R"({"input_size": 64})",
        R"({"input_size": 48, "scales": 2, "flip_tta": true, "pose": "classes", "zoom": 0.9})",
        R"({"input_size": 64, "scales": 4, "top": 2, "only": [0, 2, 3], "normalize": {"grey": true}})",
        R"({"input_size": 64, "scales": 1, "flip_tta": true})",
        R"({"backbone": "resnet18", "input_size": 56, "pose_adaptive": false, "own_classifiers": true})",
        R"({"backbone": "vgg16", "input_size": 33, "pose": "none", "gate": "uniform", "scales": 2})"}) {
    SCOPED_TRACE(options);
    for (const int n : {1, 3, 8}) expect_equal_outputs(random_model(48, options, "phanet"), n);
  }
}

}  // namespace
}  // namespace regard

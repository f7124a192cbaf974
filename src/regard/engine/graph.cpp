#include "regard/engine/graph.h"

#include <algorithm>
#include <limits>

#include "regard/core/error.h"
#include "regard/engine/graph_builder.h"
#include "regard/engine/graph_views.h"
#include "regard/engine/quantized_graph.h"
#include "regard/network/table.h"
#include "regard/ops/executor.h"
#include "regard/region/views.h"

namespace regard {

static_assert(Executor<GraphOps>);

namespace {

using Names = GraphBuilder::Names;
using Integers = GraphBuilder::Integers;

/// Affines, then the same ones with their views flipped.
std::vector<float> both_ways(std::vector<float> affines) {
  const std::size_t count = affines.size();
  for (std::size_t i = 0; i + 6 <= count; i += 6) {
    Affine place;
    std::copy_n(affines.begin() + static_cast<std::ptrdiff_t>(i), 6, place.m.begin());
    const auto mirrored = compose(place, kMirroredFace);
    affines.insert(affines.end(), mirrored.m.begin(), mirrored.m.end());
  }
  return affines;
}

}  // namespace

struct GraphOps::Impl : GraphBuilder {
  Impl(const Weights& weights, std::set<std::string> training_outputs)
      : weights(weights), training_outputs(std::move(training_outputs)) {}

  const Weights& weights;
  std::set<std::string> training_outputs;  // that are asked for
  SpecOps spec;
  std::map<std::string, std::vector<float>> constants;  // by their edges; views are worked out from them
  std::map<std::string, std::string> parameter_edges;

  /// One channel -> three.
  std::string thrice(const std::string& x) { return concat({x, x, x}, 1, "grey"); }

  /// Adds the parameters LAYER.ENDING of the spec to the graph, each once; returns their edges, in order.
  Names parameters(const std::string& layer, const Names& endings) {
    Names names;
    for (const auto& ending : endings) {
      const auto name = spec.scope() + layer + "." + ending;
      auto& edge = parameter_edges[name];
      if (edge.empty()) edge = parameter(name);
      names.push_back(edge);
    }
    return names;
  }

  std::string parameter(const std::string& name) {
    const auto& shape = std::ranges::find(spec.parameters(), name, &ParameterSpec::name)->shape;
    const auto found = weights.find(name);
    if (found == weights.end()) throw Error("weight is missing", name);
    if (found->second.shape != shape)
      throw Error("weight has the wrong shape", name, to_string(shape), to_string(found->second.shape));
    return tensor(name, shape, found->second.values);
  }

  bool is_constant(const Value& x) const { return constants.contains(x.name); }

  /// A constant [1, k, ...] as often as there are faces in `like`, which has the same further axes.
  std::string repeated(const Value& constant, const Value& like) {
    const auto first = rows(like.name, Integers(static_cast<std::size_t>(constant.shape[1]), 0));
    const auto zeros = edge("Mul", {first, scalar(0, "none")}, "zeros");
    return edge("Add", {zeros, constant.name}, "for_each_face");
  }
};

GraphOps::GraphOps(const Weights& weights, std::set<std::string> training_outputs)
    : impl_(std::make_unique<Impl>(weights, std::move(training_outputs))) {}
GraphOps::~GraphOps() = default;
GraphOps::GraphOps(GraphOps&&) noexcept = default;
GraphOps& GraphOps::operator=(GraphOps&&) noexcept = default;

GraphOps::Value GraphOps::input(const std::string& name, const Shape& shape) {
  return {impl_->input(name, shape), shape};
}

GraphOps::Value GraphOps::chip(int size) {
  return input("chip", impl_->spec.chip(size));
}

GraphOps::Value GraphOps::constant(const Shape& shape, const std::vector<float>& values) {
  const auto result = impl_->spec.constant(shape, values);
  const auto name = impl_->tensor("constant", shape, values);
  impl_->constants[name] = values;
  return {name, result};
}

GraphOps::Value GraphOps::normalize(const Value& x, const NormalizeOptions& options) {
  const auto shape = impl_->spec.normalize(x.shape, options);
  const auto seen = options.grey && x.shape[1] == 3 ? luma(x) : x;
  // No broadcasting: OpenVINO 2026.4 fails to fuse it with the following convolution.
  const auto colours = seen.shape[1] == 3 ? seen.name : impl_->thrice(seen.name);
  const auto mean = impl_->tensor("mean", {1, 3, 1, 1}, options.mean);
  const auto std = impl_->tensor("std", {1, 3, 1, 1}, options.std);
  const auto centred = impl_->edge("Sub", {colours, mean}, "centred");
  return {impl_->edge("Div", {centred, std}, "normalized"), shape};
}

GraphOps::Value GraphOps::luma(const Value& x) {
  const auto shape = impl_->spec.luma(x.shape);
  if (x.shape[1] == 1) return x;
  const auto weights = impl_->tensor<float>("bt601", {1, 3, 1, 1}, {.299f, .587f, .114f});
  return {impl_->edge("Conv", {x.name, weights}, "luma", {{"kernel_shape", Integers{1, 1}}}), shape};
}

GraphOps::Value GraphOps::views(const Value& chip, const Value& affines, int size) {
  const auto shape = impl_->spec.views(chip.shape, affines.shape, size);
  const auto fixed = impl_->constants.find(affines.name);
  if (fixed == impl_->constants.end()) return {free_views(*impl_, chip, affines, size), shape};
  const bool whole = std::ranges::equal(fixed->second, kWholeFace.m);
  if (whole && shape == chip.shape) return chip;
  return {fixed_views(*impl_, chip, fixed->second, size), shape};
}

GraphOps::Value GraphOps::random_regions(const RandomRegions& options) {
  impl_->spec.random_regions(options);
  return constant_affines(*this, options.draw());
}

GraphOps::Value GraphOps::landmarks() {
  const auto shape = impl_->spec.landmarks();
  const auto& inputs = impl_->graph().inputs;
  const bool known = std::ranges::find(inputs, "landmarks", &OnnxPort::name) != inputs.end();
  return known ? Value{"landmarks", shape} : input("landmarks", shape);
}

GraphOps::Value GraphOps::squares_around(const Value& points, float half_side) {
  const auto shape = impl_->spec.squares_around(points.shape, half_side);
  const auto half = impl_->scalar(half_side, "half_side");
  const auto none = impl_->scalar(0, "none"), all = impl_->scalar(1, "all");
  const auto within = [&](const char* side) {
    return impl_->edge("Clip", {impl_->edge(side, {points.name, half}, "side"), none, all}, "within");
  };
  const auto low = within("Sub");
  const auto size = impl_->edge("Sub", {within("Add"), low}, "size");
  // (size, low) of x and y, [n, m, 4] -> the six numbers of an affine, whose others are 0.
  const auto numbers = impl_->concat({size, low}, 2, "squares");
  const auto places = impl_->tensor<float>("places", {4, 6}, {1, 0, 0, 0, 0, 0,  //
                                                              0, 0, 0, 0, 1, 0,  //
                                                              0, 0, 1, 0, 0, 0,  //
                                                              0, 0, 0, 0, 0, 1});
  const auto squares = impl_->edge("MatMul", {numbers, places}, "squares");
  // The whole face: a row of zeros plus its numbers.
  const auto first = impl_->edge("Mul", {impl_->rows(squares, {0}), none}, "zeros");
  const auto whole =
      impl_->tensor<float>("whole_face", {1, 1, 6}, {kWholeFace.m.begin(), kWholeFace.m.end()});
  const auto faces =
      impl_->concat({impl_->edge("Add", {first, whole}, "whole_faces"), squares}, 1, "affines");
  return {impl_->reshape(faces, {-1, shape[1], 2, 3}), shape};
}

GraphOps::Value GraphOps::squares_within(const Value& x, float smallest, float largest) {
  const auto shape = impl_->spec.squares_within(x.shape, smallest, largest);
  const auto shares = impl_->edge("Sigmoid", {x.name}, "shares");
  const auto span = impl_->scalar(largest - smallest, "span"), least = impl_->scalar(smallest, "smallest");
  const auto grown = impl_->edge("Mul", {impl_->rows(shares, {0}), span}, "grown");
  const auto side = impl_->edge("Add", {grown, least}, "side");
  const auto room = impl_->edge("Sub", {impl_->scalar(1, "all"), side}, "room");
  const auto low = impl_->edge("Mul", {impl_->rows(shares, {1, 2}), room}, "low");
  // (side, left, top) -> the six numbers of an affine, whose others are 0.
  const auto places = impl_->tensor<float>("places", {3, 6},
                                           {1, 0, 0, 0, 1, 0,  //
                                            0, 0, 1, 0, 0, 0,  //
                                            0, 0, 0, 0, 0, 1});
  const auto squares = impl_->edge("MatMul", {impl_->concat({side, low}, 1, "squares"), places}, "squares");
  return {impl_->reshape(squares, {-1, 2, 3}), shape};
}

GraphOps::Value GraphOps::compose(const Value& outer, const Value& inner) {
  const auto shape = impl_->spec.compose(outer.shape, inner.shape);
  // outer = [turn | shift], and the result is turn inner + [0 | shift].
  const auto first = impl_->tensor<float>("first", {3, 2}, {1, 0, 0, 1, 0, 0});
  const auto last = impl_->tensor<float>("last", {3, 3}, {0, 0, 0, 0, 0, 0, 0, 0, 1});
  const auto turn = impl_->edge("MatMul", {outer.name, first}, "turn");
  const auto shift = impl_->edge("MatMul", {outer.name, last}, "shift");
  const auto turned = impl_->edge("MatMul", {turn, inner.name}, "turned");
  return {impl_->edge("Add", {turned, shift}, "composed"), shape};
}

GraphOps::Value GraphOps::soft_argmax(const Value& x) {
  const auto shape = impl_->spec.soft_argmax(x.shape);
  const auto h = x.shape[2], w = x.shape[3];
  const Value flat{impl_->reshape(x.name, {-1, x.shape[1], h * w}), {1, x.shape[1], h * w}};
  const auto places = impl_->tensor("places", {h * w, 2}, places_of_pixels(h, w));
  return {impl_->edge("MatMul", {softmax(flat).name, places}, "soft_argmax"), shape};
}

GraphOps::Value GraphOps::with_mirrored(const Value& affines) {
  const auto shape = impl_->spec.with_mirrored(affines.shape);
  if (const auto fixed = impl_->constants.find(affines.name); fixed != impl_->constants.end())
    return constant(shape, both_ways(fixed->second));
  const auto mirror = impl_->tensor<float>("flip_tta", {3, 3}, {-1, 0, 1, 0, 1, 0, 0, 0, 1});
  const auto mirrored = impl_->edge("MatMul", {affines.name, mirror}, "mirrored");
  return {impl_->concat({affines.name, mirrored}, 1, "with_mirrored"), shape};
}

GraphOps::Value GraphOps::conv2d(const std::string& name, const Value& x, const Conv2dOptions& options) {
  const auto shape = impl_->spec.conv2d(name, x.shape, options);
  Names inputs{x.name};
  for (auto& parameter : impl_->parameters(name, options.bias ? Names{"weight", "bias"} : Names{"weight"}))
    inputs.push_back(parameter);
  const auto& [top, left, bottom, right] = options.padding;
  return {impl_->edge("Conv", inputs, name,
                      {{"kernel_shape", Integers(2, options.kernel)},
                       {"strides", Integers(2, options.stride)},
                       {"pads", Integers{top, left, bottom, right}},
                       {"group", options.groups}}),
          shape};
}

GraphOps::Value GraphOps::batch_norm(const std::string& name, const Value& x, Activation activation,
                                     float epsilon) {
  const auto shape = impl_->spec.batch_norm(name, x.shape, activation, epsilon);
  Names inputs{x.name};
  for (auto& parameter : impl_->parameters(name, {"weight", "bias", "running_mean", "running_var"}))
    inputs.push_back(parameter);
  const Value y{impl_->edge("BatchNormalization", inputs, name, {{"epsilon", epsilon}}), shape};
  return activation == Activation::none ? y : activation == Activation::relu ? relu(y) : relu6(y);
}

GraphOps::Value GraphOps::relu(const Value& x) {
  return {impl_->edge("Relu", {x.name}, "relu"), impl_->spec.relu(x.shape)};
}

GraphOps::Value GraphOps::relu6(const Value& x) {
  const auto low = impl_->scalar(0, "low"), high = impl_->scalar(6, "high");
  return {impl_->edge("Clip", {x.name, low, high}, "relu6"), impl_->spec.relu6(x.shape)};
}

GraphOps::Value GraphOps::prelu(const std::string& name, const Value& x) {
  const auto shape = impl_->spec.prelu(name, x.shape);
  const auto slopes = impl_->reshape(impl_->parameters(name, {"weight"}).front(), {shape[1], 1, 1});
  return {impl_->edge("PRelu", {x.name, slopes}, name), shape};
}

GraphOps::Value GraphOps::sigmoid(const Value& x) {
  return {impl_->edge("Sigmoid", {x.name}, "sigmoid"), impl_->spec.sigmoid(x.shape)};
}

GraphOps::Value GraphOps::softmax(const Value& x) {
  const auto shape = impl_->spec.softmax(x.shape);
  return {impl_->edge("Softmax", {x.name}, "softmax", {{"axis", -1}}), shape};
}

GraphOps::Value GraphOps::dropout(const Value& x, float probability) {
  return {x.name, impl_->spec.dropout(x.shape, probability)};
}

GraphOps::Value GraphOps::global_average_pool(const Value& x) {
  const auto shape = impl_->spec.global_average_pool(x.shape);
  return {impl_->mean(x.name, {2, 3}, "global_average_pool"), shape};
}

GraphOps::Value GraphOps::max_pool(const Value& x, int kernel, int stride, int padding) {
  const auto shape = impl_->spec.max_pool(x.shape, kernel, stride, padding);
  return {impl_->edge("MaxPool", {x.name}, "max_pool",
                      {{"kernel_shape", Integers(2, kernel)},
                       {"strides", Integers(2, stride)},
                       {"pads", Integers(4, padding)}}),
          shape};
}

GraphOps::Value GraphOps::flatten(const Value& x) {
  const auto shape = impl_->spec.flatten(x.shape);
  return {impl_->reshape(x.name, {-1, shape[1]}), shape};
}

GraphOps::Value GraphOps::add(const Value& a, const Value& b) {
  const auto shape = impl_->spec.add(a.shape, b.shape);
  return {impl_->edge("Add", {a.name, b.name}, "add"), shape};
}

GraphOps::Value GraphOps::linear(const std::string& name, const Value& x, int out, bool bias,
                                 Initializer initializer) {
  const auto shape = impl_->spec.linear(name, x.shape, out, bias, initializer);
  const auto parameters = impl_->parameters(name, bias ? Names{"weight", "bias"} : Names{"weight"});
  const auto product = impl_->edge("MatMul", {x.name, impl_->transpose(parameters[0], {1, 0})}, name);
  return {bias ? impl_->edge("Add", {product, parameters[1]}, name) : product, shape};
}

GraphOps::Value GraphOps::split_views(const Value& x, int views) {
  const auto shape = impl_->spec.split_views(x.shape, views);
  Integers sizes(shape);
  sizes[0] = -1;
  return {impl_->reshape(x.name, sizes), shape};
}

GraphOps::Value GraphOps::mean_of_views(const Value& x) {
  const auto shape = impl_->spec.mean_of_views(x.shape);
  return {impl_->mean(x.name, {1}, "mean_of_views"), shape};
}

GraphOps::Value GraphOps::normalized_weights(const Value& weights) {
  const auto last = static_cast<std::int64_t>(weights.shape.size()) - 1;
  const auto total = impl_->sum(weights.name, last, "total");
  return {impl_->edge("Div", {weights.name, total}, "normalized_weights"),
          impl_->spec.normalized_weights(weights.shape)};
}

GraphOps::Value GraphOps::weighted_mean(const Value& x, const Value& weights) {
  const auto shape = impl_->spec.weighted_mean(x.shape, weights.shape);
  const auto row = impl_->reshape(normalized_weights(weights).name, {-1, 1, x.shape[1]});
  return {impl_->reshape(impl_->edge("MatMul", {row, x.name}, "weighted_mean"), {-1, shape[1]}), shape};
}

GraphOps::Value GraphOps::append_to_views(const Value& x, const Value& y) {
  const auto shape = impl_->spec.append_to_views(x.shape, y.shape);
  const auto one = impl_->reshape(y.name, {-1, 1, y.shape[1]});
  const auto all = impl_->concat(Names(static_cast<std::size_t>(x.shape[1]), one), 1, "for_each_view");
  return {impl_->concat({x.name, all}, 2, "append_to_views"), shape};
}

GraphOps::Value GraphOps::concat_views(const Value& x) {
  const auto shape = impl_->spec.concat_views(x.shape);
  return {impl_->reshape(x.name, {-1, shape[1]}), shape};
}

GraphOps::Value GraphOps::join_views(const std::vector<Value>& parts) {
  std::vector<Shape> shapes;
  for (const auto& part : parts) shapes.push_back(part.shape);
  const auto shape = impl_->spec.join_views(shapes);
  const auto free = std::ranges::find_if(parts, [&](const Value& x) { return !impl_->is_constant(x); });
  Names names;
  for (const auto& part : parts)
    names.push_back(free != parts.end() && impl_->is_constant(part) ? impl_->repeated(part, *free)
                                                                    : part.name);
  return {impl_->concat(names, 1, "join_views"), shape};
}

GraphOps::Value GraphOps::concat(const std::vector<Value>& parts) {
  return join_views(parts);
}

GraphOps::Value GraphOps::pick_view(const Value& x, int view) {
  const auto shape = impl_->spec.pick_view(x.shape, view);
  const auto index = impl_->tensor<std::int64_t>("index", {}, {view});
  return {impl_->edge("Gather", {x.name, index}, "pick_view", {{"axis", 1}}), shape};
}

GraphOps::Value GraphOps::keep_views(const Value& x, const std::vector<int>& views) {
  const auto shape = impl_->spec.keep_views(x.shape, views);
  return {impl_->rows(x.name, Integers(views.begin(), views.end())), shape};
}

GraphOps::Value GraphOps::drop_views(const Value& weights, float probability) {
  return {weights.name, impl_->spec.drop_views(weights.shape, probability)};
}

GraphOps::Value GraphOps::roll_over_batch(const Value& x) {
  const auto circle = impl_->concat({x.name, impl_->slice(x.name, 0, 0, 1)}, 0, "circle");
  return {impl_->slice(circle, 0, 1, std::numeric_limits<std::int64_t>::max()), x.shape};
}

GraphOps::Value GraphOps::keep_largest(const Value& weights, int count) {
  const auto shape = impl_->spec.keep_largest(weights.shape, count);
  const auto many = impl_->list({count}, "count");
  const auto largest = impl_->edges("TopK", {weights.name, many}, "largest", 2, {{"axis", 1}}).front();
  const auto reaches =
      impl_->edge("GreaterOrEqual", {weights.name, impl_->rows(largest, {count - 1})}, "reaches");
  const auto kept = impl_->edge("Cast", {reaches}, "kept", {{"to", static_cast<int>(onnx::DataType::f32)}});
  return {impl_->edge("Mul", {weights.name, kept}, "keep_largest"), shape};
}

GraphOps::Value GraphOps::squeeze(const Value& x) {
  const auto shape = impl_->spec.squeeze(x.shape);
  Integers sizes(shape);
  sizes[0] = -1;
  return {impl_->reshape(x.name, sizes), shape};
}

GraphOps::Value GraphOps::multiply(const Value& a, const Value& b) {
  return {impl_->edge("Mul", {a.name, b.name}, "product"), impl_->spec.multiply(a.shape, b.shape)};
}

GraphOps::Value GraphOps::log(const Value& x) {
  return {impl_->edge("Log", {x.name}, "log"), impl_->spec.log(x.shape)};
}

GraphOps::Value GraphOps::scale(const Value& x, float factor) {
  const auto shape = impl_->spec.scale(x.shape, factor);
  return {impl_->edge("Mul", {x.name, impl_->scalar(factor, "factor")}, "scaled"), shape};
}

void GraphOps::output(const std::string& plain_name, const Value& x) {
  impl_->spec.output(plain_name, x.shape);
  impl_->output(spec().scope() + plain_name, x.name, x.shape);
}

void GraphOps::training_output(const std::string& name, const Value& x) {
  if (impl_->training_outputs.contains(spec().scope() + name)) output(name, x);
}

SpecOps& GraphOps::spec() {
  return impl_->spec;
}

const std::vector<ParameterSpec>& GraphOps::parameters() const {
  return impl_->spec.parameters();
}

OnnxGraph GraphOps::graph() const {
  auto graph = impl_->graph();
  prune(graph);
  return graph;
}

std::string GraphOps::serialize(const std::map<std::string, std::string>& metadata) const {
  return write_onnx(graph(), metadata);
}

OnnxGraph onnx_graph(const Model& model, const std::set<std::string>& training_outputs,
                     Arithmetic arithmetic) {
  expect_trained(model);
  auto network = model.network;
  if (arithmetic == Arithmetic::integers) {
    expect_quantized(model);
    network.temperature = model.quantization.temperature;
  }
  GraphOps ops(model.weights, training_outputs);
  build_network(ops, network);
  check_weights(model.weights, ops.parameters(), model.name);
  auto graph = ops.graph();
  if (arithmetic == Arithmetic::integers) quantize(graph, model.quantization);
  return graph;
}

std::string onnx_model(const Model& model, const std::set<std::string>& training_outputs,
                       Arithmetic arithmetic) {
  return write_onnx(onnx_graph(model, training_outputs, arithmetic),
                    {{"name", model.name},
                     {"labels", Json(model.labels).dump()},
                     {"chip_size", std::to_string(model.network.chip_size)},
                     {"landmarks", Json(model.landmarks).dump()},
                     {"licence", model.licence},
                     {"source", model.source}});
}

}  // namespace regard

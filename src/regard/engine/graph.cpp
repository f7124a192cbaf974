#include "regard/engine/graph.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <set>

#include "regard/core/error.h"
#include "regard/region/views.h"

namespace regard {

namespace {

using Names = std::vector<std::string>;
using Integers = std::vector<std::int64_t>;

constexpr int kOpset = 17;
constexpr int kIrVersion = 8;

template <class T>
std::string raw_bytes(const std::vector<T>& values) {
  static_assert(std::endian::native == std::endian::little, "ONNX stores tensors in little-endian order");
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

void set(onnx::NodeProto& node, const std::string& name, std::int64_t value) {
  auto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::INT);
  attribute.set_i(value);
}

void set(onnx::NodeProto& node, const std::string& name, float value) {
  auto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::FLOAT);
  attribute.set_f(value);
}

void set(onnx::NodeProto& node, const std::string& name, const char* value) {
  auto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::STRING);
  attribute.set_s(value);
}

void set(onnx::NodeProto& node, const std::string& name, const Integers& values) {
  auto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::INTS);
  attribute.mutable_ints()->Add(values.begin(), values.end());
}

/// Declares an input or output; its first axis is free: n, or n times something.
void declare(onnx::ValueInfoProto& info, const std::string& name, const Shape& shape) {
  info.set_name(name);
  auto& type = *info.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    auto& dimension = *type.mutable_shape()->add_dim();
    if (axis > 0)
      dimension.set_dim_value(shape[axis]);
    else
      dimension.set_dim_param(shape[0] == 1 ? "n" : "n*" + std::to_string(shape[0]));
  }
}

/// Coordinates in the chip of the pixels of k views, in the form of GridSample: [k size, size, 2], in -1 to
/// 1.
std::vector<float> sampling_grid(const std::vector<float>& affines, int size) {
  std::vector<float> grid;
  for (std::size_t view = 0; view + 6 <= affines.size(); view += 6) {
    for (int y = 0; y < size; ++y) {
      for (int x = 0; x < size; ++x) {
        const double u = (x + .5) / size, v = (y + .5) / size;
        for (const float* row = &affines[view]; row < &affines[view] + 6; row += 3)
          grid.push_back(static_cast<float>(2 * (row[0] * u + row[1] * v + row[2]) - 1));
      }
    }
  }
  return grid;
}

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

/// Removes nodes and tensors that no output needs, which are only for training.
void prune(onnx::GraphProto& graph) {
  std::set<std::string> wanted;
  for (const auto& output : graph.output()) wanted.insert(output.name());
  std::vector<onnx::NodeProto> kept;
  for (int i = graph.node_size() - 1; i >= 0; --i) {
    auto& node = *graph.mutable_node(i);
    if (std::none_of(node.output().begin(), node.output().end(),
                     [&](const std::string& name) { return wanted.contains(name); }))
      continue;
    wanted.insert(node.input().begin(), node.input().end());
    kept.push_back(std::move(node));
  }
  graph.clear_node();
  for (auto node = kept.rbegin(); node != kept.rend(); ++node) *graph.add_node() = std::move(*node);
  auto& tensors = *graph.mutable_initializer();
  const auto unwanted = [&](const onnx::TensorProto& tensor) { return !wanted.contains(tensor.name()); };
  tensors.erase(std::remove_if(tensors.begin(), tensors.end(), unwanted), tensors.end());
}

}  // namespace

struct GraphOps::Impl {
  explicit Impl(const Weights& weights) : weights(weights) {}

  /// Kept out of the graph until a node uses it, since views are folded into a grid.
  struct Constant {
    Shape shape;
    std::vector<float> values;
    bool written = false;
  };

  const Weights& weights;
  SpecOps spec;
  onnx::GraphProto graph;
  std::map<std::string, Constant> constants;
  std::map<std::string, std::string> parameter_edges;
  using Uses = std::map<std::string, int>;
  Uses values, nodes;  // how often a name was wanted

  /// "relu6", "relu6_2", ...: names must differ.
  static std::string fresh(Uses& uses, const std::string& hint) {
    const int use = ++uses[hint];
    return use == 1 ? hint : fresh(uses, hint + "_" + std::to_string(use));
  }

  /// The name of an input, a parameter or a constant; it cannot clash with other edges, whose names end in
  /// ":0".
  std::string fresh(const std::string& hint) { return fresh(values, hint); }

  onnx::NodeProto& node(const std::string& type, const Names& inputs, const std::string& hint) {
    for (const auto& input : inputs) put_constant(input);
    auto& node = *graph.add_node();
    node.set_op_type(type);
    node.mutable_input()->Add(inputs.begin(), inputs.end());
    node.set_name(fresh(nodes, hint));
    node.add_output(node.name() + ":0");
    return node;
  }

  void put_constant(const std::string& name) {
    const auto found = constants.find(name);
    if (found == constants.end() || found->second.written) return;
    tensor(name, found->second.shape, found->second.values);
    found->second.written = true;
  }

  std::string edge(const std::string& type, const Names& inputs, const std::string& hint) {
    return node(type, inputs, hint).output(0);
  }

  template <class T>
  std::string tensor(const std::string& name, const Shape& shape, const std::vector<T>& values) {
    auto& tensor = *graph.add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(std::is_same_v<T, float> ? onnx::TensorProto::FLOAT : onnx::TensorProto::INT64);
    tensor.mutable_dims()->Add(shape.begin(), shape.end());
    tensor.set_raw_data(raw_bytes(values));
    return name;
  }

  std::string scalar(float value, const std::string& hint) { return tensor<float>(fresh(hint), {}, {value}); }

  std::string reshape(const std::string& x, const Integers& shape) {
    const auto sizes = tensor(fresh("shape"), {static_cast<std::int64_t>(shape.size())}, shape);
    return edge("Reshape", {x, sizes}, "reshape");
  }

  std::string transpose(const std::string& x, const Integers& axes) {
    auto& transpose = node("Transpose", {x}, "transpose");
    set(transpose, "perm", axes);
    return transpose.output(0);
  }

  std::string concat(const Names& parts, std::int64_t axis, const std::string& hint) {
    auto& concat = node("Concat", parts, hint);
    set(concat, "axis", axis);
    return concat.output(0);
  }

  /// One channel -> three.
  std::string thrice(const std::string& x) { return concat({x, x, x}, 1, "grey"); }

  /// Over one axis, which stays with length 1.
  std::string sum(const std::string& x, std::int64_t axis, const std::string& hint) {
    return edge("ReduceSum", {x, tensor<std::int64_t>(fresh("axes"), {1}, {axis})}, hint);
  }

  /// [n, m, ...] -> [n, rows, ...].
  std::string rows(const std::string& x, const Integers& rows) {
    const auto index = tensor(fresh("index"), {static_cast<std::int64_t>(rows.size())}, rows);
    auto& gather = node("Gather", {x, index}, "rows");
    set(gather, "axis", std::int64_t{1});
    return gather.output(0);
  }

  std::string mean(const std::string& x, const Integers& axes, const std::string& hint) {
    auto& mean = node("ReduceMean", {x}, hint);
    set(mean, "axes", axes);
    set(mean, "keepdims", std::int64_t{0});
    return mean.output(0);
  }

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
    return tensor(fresh(name), shape, found->second.values);
  }

  bool is_constant(const Value& x) const { return constants.contains(x.name); }

  /// A constant [1, k, ...] as often as there are faces in `like`, which has the same further axes.
  std::string repeated(const Value& constant, const Value& like) {
    const auto first = rows(like.name, Integers(static_cast<std::size_t>(constant.shape[1]), 0));
    const auto zeros = edge("Mul", {first, scalar(0, "none")}, "zeros");
    return edge("Add", {zeros, constant.name}, "for_each_face");
  }

  /// The same views of every chip: one grid for all, with batch and channels as the channels of one image.
  std::string fixed_views(const Value& chip, const std::vector<float>& affines, int size) {
    const std::int64_t k = static_cast<std::int64_t>(affines.size()) / 6, channels = chip.shape[1];
    const auto grid = tensor(fresh("grid"), {1, k * size, size, 2}, sampling_grid(affines, size));
    const auto stacked = sample(reshape(chip.name, {1, -1, chip.shape[2], chip.shape[3]}), grid);
    return side_by_side(stacked, k, channels, size);
  }

  /// Views that differ from chip to chip: affines [n, k, 2, 3].
  std::string free_views(const Value& chip, const Value& affines, int size) {
    const std::int64_t k = affines.shape[1], pixels = std::int64_t{size} * size;
    std::vector<float> base;
    for (std::int64_t i = 0; i < pixels; ++i)
      base.insert(base.end(), {(2 * (i % size) + 1.f) / size, (2 * (i / size) + 1.f) / size, 2.f});
    const auto places = tensor(fresh("places"), {1, pixels, 3}, base);
    const auto maps = transpose(reshape(affines.name, {-1, 2, 3}), {0, 2, 1});
    const auto doubled = edge("MatMul", {places, maps}, "grid");
    const auto grid = edge("Sub", {doubled, scalar(1, "one")}, "grid");
    return side_by_side(sample(chip.name, reshape(grid, {-1, k * size, size, 2})), k, chip.shape[1], size);
  }

  std::string sample(const std::string& image, const std::string& grid) {
    auto& sample = node("GridSample", {image, grid}, "views");
    set(sample, "mode", "bilinear");
    set(sample, "padding_mode", "border");
    set(sample, "align_corners", std::int64_t{0});
    return sample.output(0);
  }

  /// Stacked views, [n, c, k size, size] -> [n k, c, size, size].
  std::string side_by_side(const std::string& stacked, std::int64_t k, std::int64_t channels, int size) {
    if (k == 1 || channels == 1) return reshape(stacked, {-1, channels, size, size});
    const auto apart = reshape(stacked, {-1, channels, k, size, size});
    return reshape(transpose(apart, {0, 2, 1, 3, 4}), {-1, channels, size, size});
  }
};

GraphOps::GraphOps(const Weights& weights) : impl_(std::make_unique<Impl>(weights)) {}
GraphOps::~GraphOps() = default;
GraphOps::GraphOps(GraphOps&&) noexcept = default;
GraphOps& GraphOps::operator=(GraphOps&&) noexcept = default;

GraphOps::Value GraphOps::input(const std::string& name, const Shape& shape) {
  declare(*impl_->graph.add_input(), impl_->fresh(name), shape);
  return {name, shape};
}

GraphOps::Value GraphOps::chip(int size) {
  return input("chip", impl_->spec.chip(size));
}

GraphOps::Value GraphOps::constant(const Shape& shape, const std::vector<float>& values) {
  const auto result = impl_->spec.constant(shape, values);
  const auto name = impl_->fresh("constant");
  impl_->constants[name] = {shape, values};
  return {name, result};
}

GraphOps::Value GraphOps::normalize(const Value& x, const NormalizeOptions& options) {
  const auto shape = impl_->spec.normalize(x.shape, options);
  const auto seen = options.grey && x.shape[1] == 3 ? luma(x) : x;
  // No broadcasting: OpenVINO 2026.4 fails to fuse it with the following convolution.
  const auto colours = seen.shape[1] == 3 ? seen.name : impl_->thrice(seen.name);
  const auto mean = impl_->tensor(impl_->fresh("mean"), {1, 3, 1, 1}, options.mean);
  const auto std = impl_->tensor(impl_->fresh("std"), {1, 3, 1, 1}, options.std);
  const auto centred = impl_->edge("Sub", {colours, mean}, "centred");
  return {impl_->edge("Div", {centred, std}, "normalized"), shape};
}

GraphOps::Value GraphOps::luma(const Value& x) {
  const auto shape = impl_->spec.luma(x.shape);
  if (x.shape[1] == 1) return x;
  const auto weights = impl_->tensor<float>(impl_->fresh("bt601"), {1, 3, 1, 1}, {.299f, .587f, .114f});
  return {impl_->edge("Conv", {x.name, weights}, "luma"), shape};
}

GraphOps::Value GraphOps::views(const Value& chip, const Value& affines, int size) {
  const auto shape = impl_->spec.views(chip.shape, affines.shape, size);
  const auto fixed = impl_->constants.find(affines.name);
  if (fixed == impl_->constants.end()) return {impl_->free_views(chip, affines, size), shape};
  const bool whole = std::ranges::equal(fixed->second.values, kWholeFace.m);
  if (whole && shape == chip.shape) return chip;
  return {impl_->fixed_views(chip, fixed->second.values, size), shape};
}

GraphOps::Value GraphOps::random_regions(const RandomRegions& options) {
  impl_->spec.random_regions(options);
  return constant_affines(*this, options.draw());
}

GraphOps::Value GraphOps::landmarks() {
  return input("landmarks", impl_->spec.landmarks());
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
  const auto places = impl_->tensor<float>(impl_->fresh("places"), {4, 6}, {1, 0, 0, 0, 0, 0,  //
                                                                            0, 0, 0, 0, 1, 0,  //
                                                                            0, 0, 1, 0, 0, 0,  //
                                                                            0, 0, 0, 0, 0, 1});
  const auto squares = impl_->edge("MatMul", {numbers, places}, "squares");
  // The whole face: a row of zeros plus its numbers.
  const auto first = impl_->edge("Mul", {impl_->rows(squares, {0}), none}, "zeros");
  const auto whole =
      impl_->tensor<float>(impl_->fresh("whole_face"), {1, 1, 6}, {kWholeFace.m.begin(), kWholeFace.m.end()});
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
  const auto places = impl_->tensor<float>(impl_->fresh("places"), {3, 6},
                                           {1, 0, 0, 0, 1, 0,  //
                                            0, 0, 1, 0, 0, 0,  //
                                            0, 0, 0, 0, 0, 1});
  const auto squares = impl_->edge("MatMul", {impl_->concat({side, low}, 1, "squares"), places}, "squares");
  return {impl_->reshape(squares, {-1, 2, 3}), shape};
}

GraphOps::Value GraphOps::compose(const Value& outer, const Value& inner) {
  const auto shape = impl_->spec.compose(outer.shape, inner.shape);
  // outer = [turn | shift], and the result is turn inner + [0 | shift].
  const auto first = impl_->tensor<float>(impl_->fresh("first"), {3, 2}, {1, 0, 0, 1, 0, 0});
  const auto last = impl_->tensor<float>(impl_->fresh("last"), {3, 3}, {0, 0, 0, 0, 0, 0, 0, 0, 1});
  const auto turn = impl_->edge("MatMul", {outer.name, first}, "turn");
  const auto shift = impl_->edge("MatMul", {outer.name, last}, "shift");
  const auto turned = impl_->edge("MatMul", {turn, inner.name}, "turned");
  return {impl_->edge("Add", {turned, shift}, "composed"), shape};
}

GraphOps::Value GraphOps::soft_argmax(const Value& x) {
  const auto shape = impl_->spec.soft_argmax(x.shape);
  const auto h = x.shape[2], w = x.shape[3];
  const Value flat{impl_->reshape(x.name, {-1, x.shape[1], h * w}), {1, x.shape[1], h * w}};
  const auto places = impl_->tensor(impl_->fresh("places"), {h * w, 2}, places_of_pixels(h, w));
  return {impl_->edge("MatMul", {softmax(flat).name, places}, "soft_argmax"), shape};
}

GraphOps::Value GraphOps::with_mirrored(const Value& affines) {
  const auto shape = impl_->spec.with_mirrored(affines.shape);
  if (const auto fixed = impl_->constants.find(affines.name); fixed != impl_->constants.end())
    return constant(shape, both_ways(fixed->second.values));
  const auto mirror = impl_->tensor<float>(impl_->fresh("mirror"), {3, 3}, {-1, 0, 1, 0, 1, 0, 0, 0, 1});
  const auto mirrored = impl_->edge("MatMul", {affines.name, mirror}, "mirrored");
  return {impl_->concat({affines.name, mirrored}, 1, "with_mirrored"), shape};
}

GraphOps::Value GraphOps::conv2d(const std::string& name, const Value& x, const Conv2dOptions& options) {
  const auto shape = impl_->spec.conv2d(name, x.shape, options);
  Names inputs{x.name};
  for (auto& parameter : impl_->parameters(name, options.bias ? Names{"weight", "bias"} : Names{"weight"}))
    inputs.push_back(parameter);
  auto& node = impl_->node("Conv", inputs, name);
  const auto& [top, left, bottom, right] = options.padding;
  set(node, "kernel_shape", Integers(2, options.kernel));
  set(node, "strides", Integers(2, options.stride));
  set(node, "pads", Integers{top, left, bottom, right});
  set(node, "group", std::int64_t{options.groups});
  return {node.output(0), shape};
}

GraphOps::Value GraphOps::batch_norm(const std::string& name, const Value& x, Activation activation,
                                     float epsilon) {
  const auto shape = impl_->spec.batch_norm(name, x.shape, activation, epsilon);
  Names inputs{x.name};
  for (auto& parameter : impl_->parameters(name, {"weight", "bias", "running_mean", "running_var"}))
    inputs.push_back(parameter);
  auto& node = impl_->node("BatchNormalization", inputs, name);
  set(node, "epsilon", epsilon);
  const Value y{node.output(0), shape};
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
  auto& node = impl_->node("Softmax", {x.name}, "softmax");
  set(node, "axis", std::int64_t{-1});
  return {node.output(0), shape};
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
  auto& node = impl_->node("MaxPool", {x.name}, "max_pool");
  set(node, "kernel_shape", Integers(2, kernel));
  set(node, "strides", Integers(2, stride));
  set(node, "pads", Integers(4, padding));
  return {node.output(0), shape};
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
  const auto index = impl_->tensor<std::int64_t>(impl_->fresh("index"), {}, {view});
  auto& node = impl_->node("Gather", {x.name, index}, "pick_view");
  set(node, "axis", std::int64_t{1});
  return {node.output(0), shape};
}

GraphOps::Value GraphOps::keep_views(const Value& x, const std::vector<int>& views) {
  const auto shape = impl_->spec.keep_views(x.shape, views);
  return {impl_->rows(x.name, Integers(views.begin(), views.end())), shape};
}

GraphOps::Value GraphOps::drop_views(const Value& weights, float probability) {
  return {weights.name, impl_->spec.drop_views(weights.shape, probability)};
}

GraphOps::Value GraphOps::roll_over_batch(const Value& x) {
  const auto rows = [&](const std::string& from, std::int64_t begin, std::int64_t end) {
    const auto number = [&](std::int64_t value) {
      return impl_->tensor<std::int64_t>(impl_->fresh("place"), {1}, {value});
    };
    return impl_->edge("Slice", {from, number(begin), number(end), number(0)}, "faces");
  };
  auto& circle = impl_->node("Concat", {x.name, rows(x.name, 0, 1)}, "circle");
  set(circle, "axis", std::int64_t{0});
  const std::string name = circle.output(0);
  return {rows(name, 1, std::numeric_limits<std::int64_t>::max()), x.shape};
}

GraphOps::Value GraphOps::keep_largest(const Value& weights, int count) {
  const auto shape = impl_->spec.keep_largest(weights.shape, count);
  const auto many = impl_->tensor<std::int64_t>(impl_->fresh("count"), {1}, {count});
  auto& top = impl_->node("TopK", {weights.name, many}, "largest");
  set(top, "axis", std::int64_t{1});
  top.add_output(top.name() + ":1");
  const auto least = impl_->rows(top.output(0), {count - 1});
  auto& kept = impl_->node("Cast", {impl_->edge("GreaterOrEqual", {weights.name, least}, "reaches")}, "kept");
  set(kept, "to", std::int64_t{onnx::TensorProto::FLOAT});
  return {impl_->edge("Mul", {weights.name, kept.output(0)}, "keep_largest"), shape};
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
  const auto name = spec().scope() + plain_name;
  if (impl_->fresh(name) != name) throw Error("output has the name of an input or a constant", name);
  impl_->node("Identity", {x.name}, name).set_output(0, name);
  declare(*impl_->graph.add_output(), name, x.shape);
}

SpecOps& GraphOps::spec() {
  return impl_->spec;
}

const std::vector<ParameterSpec>& GraphOps::parameters() const {
  return impl_->spec.parameters();
}

std::string GraphOps::serialize(const std::map<std::string, std::string>& metadata) const {
  onnx::ModelProto model;
  model.set_ir_version(kIrVersion);
  model.set_producer_name("regard");
  model.add_opset_import()->set_version(kOpset);
  for (const auto& [key, value] : metadata) {
    auto& entry = *model.add_metadata_props();
    entry.set_key(key);
    entry.set_value(value);
  }
  *model.mutable_graph() = impl_->graph;
  prune(*model.mutable_graph());
  model.mutable_graph()->set_name("regard");
  std::string bytes;
  if (!model.SerializeToString(&bytes)) throw Error("graph cannot be written as ONNX", {}, "less than 2 GiB");
  return bytes;
}

std::string onnx_model(const Model& model) {
  GraphOps ops(model.weights);
  build_network(ops, model.network);
  check_weights(model.weights, ops.parameters(), model.name);
  return ops.serialize({{"name", model.name},
                        {"labels", Json(model.labels).dump()},
                        {"chip_size", std::to_string(model.network.chip_size)},
                        {"landmarks", Json(model.landmarks).dump()},
                        {"licence", model.licence},
                        {"source", model.source}});
}

}  // namespace regard

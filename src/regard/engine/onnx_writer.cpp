#include "regard/engine/onnx_writer.h"

#include <algorithm>
#include <protozero/pbf_builder.hpp>
#include <set>

#include "regard/core/error.h"

namespace regard {

namespace {

template <class Fields>
using Message = protozero::pbf_builder<Fields>;

constexpr int kOpset = 17;
constexpr int kIrVersion = 8;
constexpr std::size_t kMostBytes = (std::size_t{1} << 31) - 1;
constexpr std::size_t kRoomForNames = 1 << 24;

/// One overload for each kind of value.
struct AttributeWriter {
  Message<onnx::Attribute>& message;

  void operator()(float value) const {
    message.add_float(onnx::Attribute::f, value);
    add(onnx::AttributeType::number);
  }
  void operator()(std::int64_t value) const {
    message.add_int64(onnx::Attribute::i, value);
    add(onnx::AttributeType::integer);
  }
  void operator()(const std::string& value) const {
    message.add_bytes(onnx::Attribute::s, value);
    add(onnx::AttributeType::text);
  }
  void operator()(const std::vector<std::int64_t>& values) const {
    for (const auto value : values) message.add_int64(onnx::Attribute::ints, value);
    add(onnx::AttributeType::integers);
  }

  void add(onnx::AttributeType type) const {
    message.add_enum(onnx::Attribute::type, static_cast<std::int32_t>(type));
  }
};

void write(Message<onnx::Graph>& graph, const OnnxNode& node) {
  Message<onnx::Node> message(graph, onnx::Graph::node);
  for (const auto& input : node.inputs) message.add_string(onnx::Node::input, input);
  for (const auto& output : node.outputs) message.add_string(onnx::Node::output, output);
  message.add_string(onnx::Node::name, node.name);
  message.add_string(onnx::Node::op_type, node.type);
  for (const auto& [name, value] : node.attributes) {
    Message<onnx::Attribute> attribute(message, onnx::Node::attribute);
    attribute.add_string(onnx::Attribute::name, name);
    std::visit(AttributeWriter{attribute}, value);
  }
}

void write(Message<onnx::Graph>& graph, const OnnxTensor& tensor) {
  Message<onnx::Tensor> message(graph, onnx::Graph::initializer);
  for (const auto size : tensor.shape) message.add_int64(onnx::Tensor::dims, size);
  message.add_int32(onnx::Tensor::data_type, static_cast<std::int32_t>(tensor.type));
  message.add_string(onnx::Tensor::name, tensor.name);
  message.add_bytes(onnx::Tensor::raw_data, tensor.bytes);
}

void write_shape(Message<onnx::TensorType>& type, const Shape& shape) {
  Message<onnx::TensorShape> message(type, onnx::TensorType::shape);
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    Message<onnx::Dimension> dimension(message, onnx::TensorShape::dim);
    if (axis > 0)
      dimension.add_int64(onnx::Dimension::dim_value, shape[axis]);
    else
      dimension.add_string(onnx::Dimension::dim_param, shape[0] == 1 ? "n" : "n*" + std::to_string(shape[0]));
  }
}

void write(Message<onnx::Graph>& graph, onnx::Graph field, const OnnxPort& port) {
  Message<onnx::ValueInfo> message(graph, field);
  message.add_string(onnx::ValueInfo::name, port.name);
  Message<onnx::Type> type(message, onnx::ValueInfo::type);
  Message<onnx::TensorType> tensor(type, onnx::Type::tensor_type);
  tensor.add_int32(onnx::TensorType::elem_type, static_cast<std::int32_t>(onnx::DataType::f32));
  write_shape(tensor, port.shape);
}

void write(Message<onnx::Model>& model, const OnnxGraph& graph) {
  Message<onnx::Graph> message(model, onnx::Model::graph);
  for (const auto& node : graph.nodes) write(message, node);
  message.add_string(onnx::Graph::name, "regard");
  for (const auto& tensor : graph.tensors) write(message, tensor);
  for (const auto& input : graph.inputs) write(message, onnx::Graph::input, input);
  for (const auto& output : graph.outputs) write(message, onnx::Graph::output, output);
}

void write(Message<onnx::Model>& model, const std::string& key, const std::string& value) {
  Message<onnx::StringEntry> entry(model, onnx::Model::metadata_props);
  entry.add_string(onnx::StringEntry::key, key);
  entry.add_string(onnx::StringEntry::value, value);
}

/// Before anything is written: lengths beyond 32 bits would be cut.
void check_size(const OnnxGraph& graph) {
  std::size_t size = 0;
  for (const auto& tensor : graph.tensors) size += tensor.bytes.size();
  if (size > kMostBytes - kRoomForNames)
    throw Error("graph cannot be written as ONNX", {}, "less than 2 GiB", std::to_string(size) + " bytes");
}

}  // namespace

void prune(OnnxGraph& graph) {
  std::set<std::string> wanted;
  for (const auto& output : graph.outputs) wanted.insert(output.name);
  const auto is_wanted = [&](const std::string& name) { return wanted.contains(name); };
  std::vector<OnnxNode> kept;
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    if (std::ranges::none_of(node->outputs, is_wanted)) continue;
    wanted.insert(node->inputs.begin(), node->inputs.end());
    kept.push_back(std::move(*node));
  }
  graph.nodes.assign(std::move_iterator(kept.rbegin()), std::move_iterator(kept.rend()));
  std::erase_if(graph.tensors, [&](const OnnxTensor& tensor) { return !is_wanted(tensor.name); });
}

std::string write_onnx(const OnnxGraph& graph, const std::map<std::string, std::string>& metadata) {
  check_size(graph);
  std::string bytes;
  Message<onnx::Model> model(bytes);
  model.add_int64(onnx::Model::ir_version, kIrVersion);
  model.add_string(onnx::Model::producer_name, "regard");
  write(model, graph);
  {
    Message<onnx::OperatorSet> opset(model, onnx::Model::opset_import);
    opset.add_int64(onnx::OperatorSet::version, kOpset);
  }
  for (const auto& [key, value] : metadata) write(model, key, value);
  return bytes;
}

}  // namespace regard

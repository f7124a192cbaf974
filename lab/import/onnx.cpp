#include "lab/import/onnx.h"

#include <memory>
#include <optional>
#include <protozero/pbf_message.hpp>
#include <span>

#include "regard/core/error.h"
#include "regard/core/file.h"
#include "regard/model/file_kind.h"
#include "regard/model/onnx_messages.h"

namespace regard {

namespace {

using protozero::pbf_wire_type;
template <class Fields>
using Message = protozero::pbf_message<Fields>;

/// A tensor as the file has it. Its bytes are in the file's mapping.
struct Initializer {
  std::string name;
  Shape shape;
  std::int32_t type = 0;
  std::optional<std::span<const std::byte>> raw;
  std::vector<float> numbers;
  bool is_elsewhere = false;
};

/// What a wire type and a field are together, for a switch.
template <class Field>
constexpr std::uint32_t as(Field field, pbf_wire_type type) {
  return protozero::tag_and_type(field, type);
}

void read_field(Message<onnx::Tensor>& message, Initializer& tensor) {
  switch (message.tag_and_type()) {
    case as(onnx::Tensor::dims, pbf_wire_type::varint):
      return tensor.shape.push_back(message.get_int64());
    case as(onnx::Tensor::dims, pbf_wire_type::length_delimited):
      for (const auto size : message.get_packed_int64()) tensor.shape.push_back(size);
      return;
    case as(onnx::Tensor::data_type, pbf_wire_type::varint):
      tensor.type = message.get_int32();
      return;
    case as(onnx::Tensor::name, pbf_wire_type::length_delimited):
      tensor.name = message.get_string();
      return;
    case as(onnx::Tensor::raw_data, pbf_wire_type::length_delimited): {
      const auto view = message.get_view();
      tensor.raw = std::as_bytes(std::span(view.data(), view.size()));
      return;
    }
    case as(onnx::Tensor::float_data, pbf_wire_type::fixed32):
      return tensor.numbers.push_back(message.get_float());
    case as(onnx::Tensor::float_data, pbf_wire_type::length_delimited):
      for (const auto number : message.get_packed_float()) tensor.numbers.push_back(number);
      return;
    case as(onnx::Tensor::data_location, pbf_wire_type::varint):
      tensor.is_elsewhere = message.get_enum() == static_cast<std::int32_t>(onnx::DataLocation::elsewhere);
      return;
    default:
      message.skip();
  }
}

Initializer read_initializer(protozero::data_view bytes) {
  Initializer tensor;
  Message<onnx::Tensor> message(bytes);
  while (message.next()) read_field(message, tensor);
  return tensor;
}

void read_graph(protozero::data_view bytes, std::vector<Initializer>& tensors) {
  Message<onnx::Graph> graph(bytes);
  while (graph.next(onnx::Graph::initializer, pbf_wire_type::length_delimited))
    tensors.push_back(read_initializer(graph.get_view()));
}

std::vector<Initializer> read_model(std::span<const std::byte> bytes, const std::string& where) {
  std::vector<Initializer> tensors;
  bool has_graph = false;
  try {
    Message<onnx::Model> model(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    while (model.next()) {
      const auto graph = as(onnx::Model::graph, pbf_wire_type::length_delimited);
      if (model.tag_and_type() != graph) {
        model.skip();
        continue;
      }
      has_graph = true;
      read_graph(model.get_view(), tensors);
    }
  } catch (const protozero::exception& error) {
    throw Error(has_graph ? "ONNX file is damaged" : "not an ONNX file", where, {}, error.what());
  }
  if (!has_graph) throw Error("not an ONNX file", where, "a graph");
  return tensors;
}

/// How the raw bytes of a tensor are read; none for types that are no floating point.
std::optional<DType> dtype_of(std::int32_t type) {
  switch (static_cast<onnx::DataType>(type)) {
    case onnx::DataType::f32:
      return DType::f32;
    case onnx::DataType::f16:
      return DType::f16;
    case onnx::DataType::bf16:
      return DType::bf16;
    case onnx::DataType::f64:
      return DType::f64;
    default:
      return {};
  }
}

std::vector<float> floats_of(const Initializer& tensor, const std::string& where) {
  const auto dtype = dtype_of(tensor.type);
  if (!dtype)
    throw Error("tensor has an element type that is no floating point", where, {},
                "type " + std::to_string(tensor.type));
  const auto count = static_cast<std::size_t>(element_count(tensor.shape));
  const auto expect = [&](std::size_t found) {
    if (found != count)
      throw Error("tensor has other than its shape's elements", where, std::to_string(count),
                  std::to_string(found));
  };
  if (tensor.raw) {
    const auto size = size_of(*dtype);
    expect(tensor.raw->size() % size ? count + 1 : tensor.raw->size() / size);
    return TensorView{*dtype, tensor.shape, *tensor.raw}.to_floats();
  }
  if (*dtype != DType::f32) throw Error("tensor of this type is stored by numbers", where, "raw bytes");
  expect(tensor.numbers.size());
  return tensor.numbers;
}

}  // namespace

ForeignTensors read_onnx(std::span<const std::byte> bytes, const std::shared_ptr<const void>& owner,
                         const std::string& where) {
  ForeignTensors tensors;
  for (auto& tensor : read_model(bytes, where)) {
    const auto place = where + ": " + tensor.name;
    if (tensor.is_elsewhere) throw Error("tensor lies in another file", place, "weights within the file");
    const auto name = tensor.name;
    const auto shape = tensor.shape;
    tensors[name] = {shape, [owner, tensor = std::move(tensor), place] { return floats_of(tensor, place); }};
  }
  return tensors;
}

ForeignTensors read_onnx_file(const std::filesystem::path& path) {
  const auto file = map_file(path);
  if (const auto& kind = file_kind(file.bytes); kind.kind != FileKind::onnx && kind.kind != FileKind::unknown)
    throw Error("not an ONNX file", path.string(), {}, describe(kind));
  return read_onnx(file.bytes, file.owner, path.string());
}

}  // namespace regard

#include "lab/import/onnx.h"

#include <onnx/onnx_pb.h>

#include <memory>
#include <optional>
#include <span>

#include "regard/core/error.h"
#include "regard/core/file.h"

namespace regard {

namespace {

/// How the raw bytes of a tensor are read; none for types that are no floating point.
std::optional<DType> dtype_of(int type) {
  switch (type) {
    case onnx::TensorProto::FLOAT:
      return DType::f32;
    case onnx::TensorProto::FLOAT16:
      return DType::f16;
    case onnx::TensorProto::BFLOAT16:
      return DType::bf16;
    case onnx::TensorProto::DOUBLE:
      return DType::f64;
    default:
      return {};
  }
}

std::vector<float> floats_of(const onnx::TensorProto& tensor, const Shape& shape, const std::string& where) {
  const auto dtype = dtype_of(tensor.data_type());
  if (!dtype)
    throw Error("tensor has an element type that is no floating point", where, {},
                "type " + std::to_string(tensor.data_type()));
  const auto count = static_cast<std::size_t>(element_count(shape));
  const auto expect = [&](std::size_t found) {
    if (found != count)
      throw Error("tensor has other than its shape's elements", where, std::to_string(count),
                  std::to_string(found));
  };
  if (tensor.has_raw_data()) {
    const auto bytes = std::as_bytes(std::span(tensor.raw_data()));
    expect(bytes.size() % size_of(*dtype) ? count + 1 : bytes.size() / size_of(*dtype));
    return TensorView{*dtype, shape, bytes}.to_floats();
  }
  if (*dtype != DType::f32) throw Error("tensor of this type is stored by numbers", where, "raw bytes");
  expect(static_cast<std::size_t>(tensor.float_data_size()));
  return {tensor.float_data().begin(), tensor.float_data().end()};
}

}  // namespace

ForeignTensors read_onnx_file(const std::filesystem::path& path) {
  const auto bytes = read_text(path);
  const auto model = std::make_shared<onnx::ModelProto>();
  if (!model->ParseFromString(bytes) || !model->has_graph()) throw Error("not an ONNX file", path.string());
  ForeignTensors tensors;
  for (const auto& tensor : model->graph().initializer()) {
    const auto where = path.string() + ": " + tensor.name();
    if (tensor.data_location() == onnx::TensorProto::EXTERNAL)
      throw Error("tensor lies in another file", where, "weights within the file");
    const Shape shape(tensor.dims().begin(), tensor.dims().end());
    tensors[tensor.name()] = {shape,
                              [model, &tensor, shape, where] { return floats_of(tensor, shape, where); }};
  }
  return tensors;
}

}  // namespace regard

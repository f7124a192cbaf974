#pragma once

#include <cstdint>

/// The numbers of ONNX's fields and types as far as regard writes or reads them:
/// https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. A message's fields are named after it.
namespace regard::onnx {

enum class Model : std::uint32_t {
  ir_version = 1,
  producer_name = 2,
  graph = 7,
  opset_import = 8,
  metadata_props = 14,
};

enum class OperatorSet : std::uint32_t { version = 2 };
enum class StringEntry : std::uint32_t { key = 1, value = 2 };

enum class Graph : std::uint32_t { node = 1, name = 2, initializer = 5, input = 11, output = 12 };
enum class Node : std::uint32_t { input = 1, output = 2, name = 3, op_type = 4, attribute = 5 };
enum class Attribute : std::uint32_t { name = 1, f = 2, i = 3, s = 4, ints = 8, type = 20 };
enum class ValueInfo : std::uint32_t { name = 1, type = 2 };
enum class Type : std::uint32_t { tensor_type = 1 };
enum class TensorType : std::uint32_t { elem_type = 1, shape = 2 };
enum class TensorShape : std::uint32_t { dim = 1 };
enum class Dimension : std::uint32_t { dim_value = 1, dim_param = 2 };

enum class Tensor : std::uint32_t {
  dims = 1,
  data_type = 2,
  float_data = 4,
  name = 8,
  raw_data = 9,
  data_location = 14,
};

/// Of a tensor's elements.
enum class DataType : std::int32_t { f32 = 1, u8 = 2, i8 = 3, i64 = 7, f16 = 10, f64 = 11, bf16 = 16 };

/// Of an attribute's value.
enum class AttributeType : std::int32_t { number = 1, integer = 2, text = 3, integers = 7 };

/// Where a tensor's elements are.
enum class DataLocation : std::int32_t { within = 0, elsewhere = 1 };

}  // namespace regard::onnx

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace regard {

/// Sizes of a tensor's axes, outermost first; empty for a scalar.
using Shape = std::vector<std::int64_t>;

/// Product of the sizes; 1 for a scalar. Throws Error if a size is negative or the product too large.
std::int64_t element_count(const Shape& shape);

/// "[2, 3]", for messages.
std::string to_string(const Shape& shape);

/// Element types of the safetensors format that regard reads and writes.
enum class DType { f32, f16, bf16, i64, i32, i8, u8, f64 };

/// Bytes of one element.
std::size_t size_of(DType type);

/// Name in the safetensors header, e.g. "F16".
std::string_view name_of(DType type);

/// The type that a safetensors header calls `name`; `where` names the tensor in the message. Throws Error for
/// others.
DType dtype_named(const std::string& name, const std::string& where);

/// Half precision (IEEE 754 binary16) of a number, rounded to the nearest, ties to even; infinity from 65520
/// on.
std::uint16_t to_f16(float value);
/// The number that 16 bits stand for, exactly.
float from_f16(std::uint16_t bits);
float from_bf16(std::uint16_t bits);

/// A tensor inside a file or in memory: row-major, little-endian, not owned.
struct TensorView {
  DType dtype = DType::f32;
  Shape shape;
  std::span<const std::byte> bytes;

  /// The elements in place; T: float, std::int64_t, std::int32_t, std::int8_t or std::uint8_t. Throws Error
  /// if T is not the stored type, or if the elements are not aligned for T.
  template <class T>
  std::span<const T> as() const;

  /// The elements as float, converted from f32, f16, bf16 or (rounded) f64. Throws Error for other types.
  std::vector<float> to_floats() const;
};

}  // namespace regard

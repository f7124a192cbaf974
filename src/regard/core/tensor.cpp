#include "regard/core/tensor.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "regard/core/error.h"

namespace regard {

static_assert(std::endian::native == std::endian::little, "tensors are read in place, little-endian");

namespace {

struct TypeRow {
  DType type;
  std::string_view name;
  std::size_t size;
};
constexpr std::array<TypeRow, 8> kTypes{{{DType::f32, "F32", 4},
                                         {DType::f16, "F16", 2},
                                         {DType::bf16, "BF16", 2},
                                         {DType::i64, "I64", 8},
                                         {DType::i32, "I32", 4},
                                         {DType::i8, "I8", 1},
                                         {DType::u8, "U8", 1},
                                         {DType::f64, "F64", 8}}};
const TypeRow& row_of(DType type) {
  return kTypes[static_cast<std::size_t>(type)];
}

template <class T>
constexpr DType type_of() {
  if constexpr (std::is_same_v<T, float>) return DType::f32;
  if constexpr (std::is_same_v<T, std::int64_t>) return DType::i64;
  if constexpr (std::is_same_v<T, std::int32_t>) return DType::i32;
  if constexpr (std::is_same_v<T, std::int8_t>) return DType::i8;
  if constexpr (std::is_same_v<T, std::uint8_t>) return DType::u8;
}

/// Elements as floats; they need not be aligned.
template <class Element, class Convert>
std::vector<float> convert_each(std::span<const std::byte> bytes, Convert convert) {
  std::vector<float> values(bytes.size() / sizeof(Element));
  for (std::size_t i = 0; i < values.size(); ++i) {
    Element element;
    std::memcpy(&element, bytes.data() + sizeof(element) * i, sizeof(element));
    values[i] = convert(element);
  }
  return values;
}

}  // namespace

DType dtype_named(const std::string& name, const std::string& where) {
  for (const auto& row : kTypes)
    if (row.name == name) return row.type;
  throw Error("unknown element type", where, "F32, F16, BF16, I64, I32, I8, U8 or F64", name);
}

std::int64_t element_count(const Shape& shape) {
  for (const auto size : shape)
    if (size < 0) throw Error("axis has a negative size", to_string(shape));
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
  std::int64_t count = 1;
  for (const auto size : shape) {
    if (count > std::numeric_limits<std::int64_t>::max() / size)
      throw Error("shape has too many elements", to_string(shape));
    count *= size;
  }
  return count;
}

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (const auto size : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

std::size_t size_of(DType type) {
  return row_of(type).size;
}

std::string_view name_of(DType type) {
  return row_of(type).name;
}

std::uint16_t to_f16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000);
  const std::uint32_t magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;   // not a number
  if (magnitude >= 0x477ff000) return sign | 0x7c00;  // 65520 and above
  if (magnitude < 0x38800000) {                       // below 2^-14: subnormal, in steps of 2^-24
    const float steps = std::bit_cast<float>(magnitude) * 0x1p24f;
    return sign | static_cast<std::uint16_t>(std::nearbyint(steps));
  }
  const std::uint32_t rounded = magnitude + 0xfff + (magnitude >> 13 & 1);
  return sign | static_cast<std::uint16_t>((rounded - 0x38000000) >> 13);
}

float from_f16(std::uint16_t bits) {
  const std::uint32_t sign = (bits & 0x8000u) << 16;
  const std::uint32_t exponent = bits >> 10 & 31, fraction = bits & 1023;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(magnitude));
  }
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000 | fraction << 13);
  return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
}

float from_bf16(std::uint16_t bits) {
  return std::bit_cast<float>(std::uint32_t{bits} << 16);
}

template <class T>
std::span<const T> TensorView::as() const {
  if (dtype != type_of<T>())
    throw Error("tensor has another element type", {}, std::string(name_of(type_of<T>())),
                std::string(name_of(dtype)));
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(T) != 0)
    throw Error("tensor's elements are not aligned", {},
                "a multiple of " + std::to_string(alignof(T)) + " bytes");
  return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
}

template std::span<const float> TensorView::as() const;
template std::span<const std::int64_t> TensorView::as() const;
template std::span<const std::int32_t> TensorView::as() const;
template std::span<const std::int8_t> TensorView::as() const;
template std::span<const std::uint8_t> TensorView::as() const;

std::vector<float> TensorView::to_floats() const {
  if (dtype == DType::f16) return convert_each<std::uint16_t>(bytes, from_f16);
  if (dtype == DType::bf16) return convert_each<std::uint16_t>(bytes, from_bf16);
  if (dtype == DType::f64)
    return convert_each<double>(bytes, [](double value) { return static_cast<float>(value); });
  if (dtype != DType::f32)
    throw Error("tensor holds no floating-point numbers", {}, "F32, F16, BF16 or F64",
                std::string(name_of(dtype)));
  std::vector<float> values(bytes.size() / sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

}  // namespace regard

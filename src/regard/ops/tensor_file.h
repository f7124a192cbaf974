#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace regard {

/// Sizes of a tensor's axes, outermost first; empty for a scalar.
using Shape = std::vector<std::int64_t>;

/// Product of the sizes; 1 for a scalar. Throws Error where a size is negative or the product too large.
std::int64_t element_count(const Shape& shape);

/// "[2, 3]", for messages.
std::string to_string(const Shape& shape);

/// Element types of the safetensors format that regard reads and writes.
enum class DType { f32, f16, bf16, i64, i32, i8, u8, f64 };

/// Bytes of one element.
std::size_t size_of(DType type);

/// Name in the safetensors header, e.g. "F16".
std::string_view name_of(DType type);

/// Half precision (IEEE 754 binary16) of a number, rounded to the nearest, ties to even; infinity from 65520
/// on.
std::uint16_t to_f16(float value);
/// The number that 16 bits stand for, exactly.
float from_f16(std::uint16_t bits);
float from_bf16(std::uint16_t bits);

/// A tensor inside a file or in somebody's memory: row-major, little-endian, not owned.
struct TensorView {
  DType dtype = DType::f32;
  Shape shape;
  std::span<const std::byte> bytes;

  /// The elements in place; T: float, std::int64_t, std::int32_t, std::int8_t or std::uint8_t. Throws Error
  /// where T is not the stored type, or the file has put the elements where T cannot be read.
  template <class T>
  std::span<const T> as() const;

  /// The elements as float, converted from f32, f16, bf16 or (rounded) f64. Throws Error for other types.
  std::vector<float> to_floats() const;
};

/// A `.safetensors` file, read by memory map: an 8-byte header length, a JSON header, the tensors' bytes.
/// https://huggingface.co/docs/safetensors. Immutable once open; safe to read from several threads.
class TensorFile {
 public:
  /// Throws Error where the file cannot be read, is truncated or oversized, its header is no JSON object of
  /// the format, or a tensor has an unknown type, a size that does not match its shape, lies outside the
  /// file, overlaps another or leaves a gap.
  static TensorFile open(const std::filesystem::path& path);

  /// The same checks on bytes in memory, which must outlive the result; `where` names them in messages.
  static TensorFile parse(std::span<const std::byte> bytes, const std::string& where);

  const std::filesystem::path& path() const { return path_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  const std::map<std::string, TensorView, std::less<>>& tensors() const { return tensors_; }
  bool has(std::string_view name) const { return tensors_.find(name) != tensors_.end(); }

  /// Throws Error where there is no tensor of that name (naming the nearest).
  const TensorView& at(std::string_view name) const;

  /// SHA-256 of the whole file, 64 hexadecimal digits (what `sha256sum` prints).
  std::string sha256() const;

 private:
  std::filesystem::path path_;
  std::shared_ptr<const void> mapping_;  // keeps the bytes alive
  std::span<const std::byte> bytes_;
  std::map<std::string, std::string> metadata_;
  std::map<std::string, TensorView, std::less<>> tensors_;
};

/// Writes a `.safetensors` file: under another name first, then renamed, so that the old file or the new one
/// is there at any moment, never half of one. Tensors are laid out larger elements first (so that all can be
/// read in place), then in the order of their names. Throws Error where the file cannot be written or bytes
/// do not match a shape.
void write_tensor_file(const std::filesystem::path& path, const std::map<std::string, std::string>& metadata,
                       const std::map<std::string, TensorView>& tensors);

}  // namespace regard

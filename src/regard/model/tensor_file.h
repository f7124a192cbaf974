#pragma once

#include <filesystem>
#include <future>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "regard/core/tensor.h"

namespace regard {

/// A `.safetensors` file, read by memory map: an 8-byte header length, a JSON header, the tensors' bytes.
/// https://huggingface.co/docs/safetensors. Immutable once open; safe to read from several threads.
class TensorFile {
 public:
  /// Throws Error if the file cannot be read, is truncated or oversized, its header is not a JSON object of
  /// the format, or a tensor has an unknown type, a size that does not match its shape, lies outside the
  /// file, overlaps another or leaves a gap.
  static TensorFile open(const std::filesystem::path& path);

  /// The same checks on bytes in memory, which must outlive the result; `where` names them in messages.
  static TensorFile parse(std::span<const std::byte> bytes, const std::string& where);

  const std::filesystem::path& path() const { return path_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  const std::map<std::string, TensorView, std::less<>>& tensors() const { return tensors_; }
  bool has(std::string_view name) const { return tensors_.find(name) != tensors_.end(); }

  /// Throws Error if there is no tensor of that name (naming the nearest).
  const TensorView& at(std::string_view name) const;

  /// SHA-256 of the whole file, 64 hexadecimal digits (what `sha256sum` prints), computed when it is first
  /// asked for. Throws Error if the file was written to since it was opened; it may have been removed or
  /// replaced.
  std::string sha256() const { return hash_.get(); }
  /// The same, for later; it keeps an opened file mapped.
  const std::shared_future<std::string>& later_sha256() const { return hash_; }

 private:
  std::filesystem::path path_;
  std::shared_ptr<const void> mapping_;  // keeps the bytes alive
  std::shared_future<std::string> hash_;
  std::map<std::string, std::string> metadata_;
  std::map<std::string, TensorView, std::less<>> tensors_;
};

/// Writes a `.safetensors` file atomically: a temporary file is renamed, so that there is never a partial
/// one. Tensors are laid out larger elements first (so that all can be read in place), then in the order of
/// their names. Throws Error if the file cannot be written or bytes do not match a shape.
void write_tensor_file(const std::filesystem::path& path, const std::map<std::string, std::string>& metadata,
                       const std::map<std::string, TensorView>& tensors);

}  // namespace regard

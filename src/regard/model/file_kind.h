#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace regard {

/// Recognises files that are mistaken for weights.
enum class FileKind {
  unknown,
  safetensors,
  torch,
  onnx,
  json,
  zip,
  stub,   ///< a placeholder of a file that was not fetched: a page, a pointer, an empty file
  other,  ///< nothing that weights are read from: another archive, an image
};

/// A kind of file as its first bytes show it.
struct FileContent {
  FileKind kind;
  std::string_view name;    ///< for messages: "a Git LFS pointer"
  std::string_view advice;  ///< the way on; empty if there is none to tell
};

/// The kind of a file that has these bytes: the formats of weights here, all others as describe_content names
/// them.
FileContent file_kind(std::span<const std::byte> bytes);

/// The kind in words, with advice: "an HTML page (the download failed)".
std::string describe(const FileContent& content);

}  // namespace regard

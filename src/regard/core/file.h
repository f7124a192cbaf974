#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace regard {

/// The bytes of a file, mapped read-only into memory; unmapped when the last copy of `owner` is destroyed.
struct MappedFile {
  std::shared_ptr<const void> owner;
  std::span<const std::byte> bytes;
};

/// The bytes of a file as text; they stay with the file.
inline std::string_view text_of(const MappedFile& file) {
  return {reinterpret_cast<const char*>(file.bytes.data()), file.bytes.size()};
}

/// Throws Error if the file is missing, not readable or not a regular file. An empty file has no bytes.
MappedFile map_file(const std::filesystem::path& path);
/// The same of an open file; `path` is for messages.
MappedFile map_file(int descriptor, const std::filesystem::path& path);

/// The largest file that is read into memory, in bytes.
inline constexpr std::size_t kMostRead = 0x7fffffff;

/// The whole file, text or binary, read to the end; pipes and devices work as well. Throws Error if it cannot
/// be read or is larger than kMostRead.
std::string read_text(const std::filesystem::path& path);

/// The same decoded, for tables, lists and labels: decode_text (core/text.h). Throws Error, also if it is no
/// text.
std::string read_plain_text(const std::filesystem::path& path);

/// Writes a whole OutputFile (core/output_file.h). Throws Error.
void write_file_atomically(const std::filesystem::path& path,
                           std::span<const std::span<const std::byte>> parts);
void write_text_atomically(const std::filesystem::path& path, std::string_view text);

/// SHA-256 (FIPS 180-4) as 64 hexadecimal digits.
std::string sha256(std::span<const std::byte> bytes);

}  // namespace regard

#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "regard/core/output_file.h"

/// Tar files without compression, as WebDataset and `tar` write them: ustar, pax and GNU, with long names and
/// large files. Nothing is unpacked: a file in one is read where it lies.
namespace regard {

/// Where the contents of a file lie in a tar file.
struct TarEntry {
  std::string name = {};  ///< without "./" before it
  std::uint64_t offset = 0, bytes = 0;
};

/// A tar file. `read` may be called from several threads.
class TarFile {
 public:
  /// Throws Error if it cannot be opened or is no regular file.
  explicit TarFile(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }

  /// Part of the tar file; short at its end. Throws Error if it cannot be read.
  std::string read(std::uint64_t offset, std::uint64_t bytes) const;

  /// The contents of an entry. Throws Error, which names the entry, if they are not there, or too many for
  /// memory.
  std::string read(const TarEntry& entry) const;

  std::uint64_t bytes() const { return bytes_; }

 private:
  std::filesystem::path path_;
  Descriptor file_;
  std::uint64_t bytes_ = 0;
};

/// Goes through the files in a tar file by their headers; what lies between is skipped. One thread.
class TarReader {
 public:
  explicit TarReader(const TarFile& file) : file_(file) {}

  /// The next file; folders, links and devices are left out, but a hard link counts as the file that it
  /// stands for. None at the end. Throws Error for what is no tar file, and for one that is damaged or cut
  /// off.
  std::optional<TarEntry> next();

 private:
  struct Header;

  std::optional<Header> next_header();
  bool is_extension(const Header& header);
  void read_records(std::string_view records);
  TarEntry linked(const TarEntry& link, const std::string& to, std::uint64_t begin);
  void skip(const TarEntry& entry);

  const TarFile& file_;
  std::uint64_t at_ = 0;
  // For the next entry only, by the extension before it.
  std::optional<std::string> name_, link_;
  std::optional<std::uint64_t> size_;
  std::optional<std::map<std::string, TarEntry>> files_;
};

}  // namespace regard

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>

#include "regard/core/file.h"

namespace regard {

/// The user's folder for what may be computed again: $REGARD_CACHE ("off": none), else `regard` in
/// $XDG_CACHE_HOME or in ~/.cache. Empty: there is none.
std::filesystem::path cache_folder();

/// A hash that is quick, and the same on one machine only: for keys of a cache.
std::uint64_t quick_hash(std::span<const std::byte> bytes);

/// Results that take long to compute, one file each, for this process and later ones. Nothing depends on it:
/// a folder that is missing, read-only or full, and a file that is damaged, are the same as nothing kept.
/// Files that were not used for longest are removed when all together exceed a limit; files of others in the
/// folder are left alone. Several threads and processes may use one folder at the same time.
class FileCache {
 public:
  /// In all, in bytes.
  static constexpr std::uint64_t kLimit = 256'000'000;

  /// `folder` empty: nothing is kept.
  explicit FileCache(std::filesystem::path folder = cache_folder(), std::uint64_t limit = kLimit)
      : folder_(std::move(folder)), limit_(limit) {}

  /// What was kept under `key`, which may have any length; none otherwise.
  std::optional<MappedFile> find(std::string_view key) const;

  /// Keeps `bytes`, in place of what was kept under `key`, unless they exceed the limit or cannot be written.
  void keep(std::string_view key, std::string_view bytes) const;

  bool keeps() const { return !folder_.empty(); }

 private:
  std::filesystem::path file_of(std::string_view key) const;
  void remove_oldest() const;

  std::filesystem::path folder_;
  std::uint64_t limit_;
};

}  // namespace regard

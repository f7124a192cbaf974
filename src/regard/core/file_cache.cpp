#include "regard/core/file_cache.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <functional>
#include <string>
#include <vector>

#include "regard/core/environment.h"
#include "regard/core/error.h"

namespace regard {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnding = ".cached";

/// At the end of each file, so that one that was damaged is seen.
using Seal = std::array<std::uint64_t, 2>;

Seal seal_of(std::span<const std::byte> bytes) {
  return {bytes.size(), quick_hash(bytes)};
}

struct KeptFile {
  fs::path path;
  fs::file_time_type used;
  std::uint64_t size;
};

std::vector<KeptFile> files_kept_in(const fs::path& folder) {
  std::vector<KeptFile> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code gone;
    const auto used = entry->last_write_time(gone);
    const auto size = gone ? 0 : entry->file_size(gone);
    if (!gone && entry->path().extension() == kEnding) files.push_back({entry->path(), used, size});
  }
  return files;
}

}  // namespace

fs::path cache_folder() {
  if (const fs::path chosen = environment("REGARD_CACHE"); !chosen.empty())
    return chosen == "off" ? fs::path() : chosen;
  if (const fs::path caches = environment("XDG_CACHE_HOME"); caches.is_absolute()) return caches / "regard";
  const fs::path home = environment("HOME");
  return home.is_absolute() ? home / ".cache/regard" : fs::path();
}

std::uint64_t quick_hash(std::span<const std::byte> bytes) {
  return std::hash<std::string_view>()({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

fs::path FileCache::file_of(std::string_view key) const {
  return folder_ / (sha256(std::as_bytes(std::span(key))).substr(0, 32) + std::string(kEnding));
}

std::optional<MappedFile> FileCache::find(std::string_view key) const {
  if (!keeps()) return {};
  const auto path = file_of(key);
  std::error_code none;
  if (!fs::is_regular_file(path, none)) return {};
  try {
    auto file = map_file(path);
    Seal seal;
    if (file.bytes.size() < sizeof(seal)) return {};
    const auto bytes = file.bytes.first(file.bytes.size() - sizeof(seal));
    std::memcpy(&seal, bytes.data() + bytes.size(), sizeof(seal));
    if (seal != seal_of(bytes)) return {};
    fs::last_write_time(path, fs::file_time_type::clock::now(), none);
    return MappedFile{std::move(file.owner), bytes};
  } catch (const Error&) {
    return {};
  }
}

void FileCache::keep(std::string_view key, std::string_view text) const {
  const auto bytes = std::as_bytes(std::span(text));
  const Seal seal = seal_of(bytes);
  if (!keeps() || bytes.size() + sizeof(seal) > limit_) return;
  const std::array<std::span<const std::byte>, 2> parts{bytes, std::as_bytes(std::span(seal))};
  try {
    write_file_atomically(file_of(key), parts);
    remove_oldest();
  } catch (const std::exception&) {
    return;  // it will be computed again
  }
}

void FileCache::remove_oldest() const {
  auto files = files_kept_in(folder_);
  std::ranges::sort(files, std::greater(), &KeptFile::used);
  std::uint64_t total = 0;
  for (const auto& file : files) {
    total += file.size;
    std::error_code ignored;
    if (total > limit_) fs::remove(file.path, ignored);
  }
}

}  // namespace regard

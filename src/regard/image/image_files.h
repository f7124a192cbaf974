#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>

/// Which files of a folder or an archive are images.
namespace regard {

/// A name's ending in small letters, ".jpg"; empty if it has none. What follows the last dot is an ending
/// where it is short and of letters and digits, with a letter among them: "photo.2019" has none.
std::string ending_of(const std::filesystem::path& name);

/// How much of a file starts_as_image needs, in bytes.
inline constexpr std::size_t kImageStart = 64;

/// Whether a file begins as images do that can be read, by its first kImageStart bytes. For names without
/// ending.
bool starts_as_image(std::span<const std::byte> bytes);

/// Whether a file or folder was created by a system rather than by the user: hidden ones (`._IMG.jpg`,
/// `.DS_Store`, `.thumbnails`), `__MACOSX`, `Thumbs.db`, `@eaDir` and the like.
bool is_companion_name(std::string_view name);

/// Counts skipped files by extension.
class PassedOver {
 public:
  void add(const std::filesystem::path& name) { ++counts_[ending_of(name)]; }
  bool empty() const { return counts_.empty(); }
  /// "12 .mov, 3 .txt, 1 without ending": the most frequent first.
  std::string text() const;

 private:
  std::map<std::string, std::size_t> counts_;
};

}  // namespace regard

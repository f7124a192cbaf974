#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "cli/inputs.h"
#include "regard/pipeline/pipeline.h"

namespace regard {

/// Where drawn images go: one file, or a folder with a file for each image. Nothing that is to be looked at
/// is overwritten, and where that is not known before (a list on standard input), nothing that was there.
class Drawings {
 public:
  /// `target` empty: none are wanted. Throws ValidationError if the target cannot take them.
  Drawings(const std::string& target, const ImageList& list);

  bool wanted() const { return !target_.empty(); }

  /// Writes an image's drawing, if any is wanted. Throws Error.
  void write(const ImageOutput& image);

 private:
  // A file's device and number: the same by whatever name.
  using FileId = std::pair<dev_t, ino_t>;

  static std::optional<FileId> id_of(const std::filesystem::path& path);
  void protect(const std::filesystem::path& image);
  std::string free_name(const std::filesystem::path& file);

  std::filesystem::path target_;
  bool folder_ = false, only_new_;
  std::set<FileId> originals_, written_;
  std::set<std::string> used_;
};

}  // namespace regard

#include "cli/drawings.h"

#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "regard/core/error.h"
#include "regard/image/decode.h"

namespace regard {

namespace fs = std::filesystem;

std::optional<Drawings::FileId> Drawings::id_of(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return FileId{status.st_dev, status.st_ino};
}

Drawings::Drawings(const std::string& target, const ImageList& list)
    : target_(target), only_new_(list.open_ended()) {
  if (target.empty()) return;
  folder_ = target.ends_with('/') || fs::is_directory(target) || !target_.has_extension();
  if (!folder_ && list.may_be_many())
    throw CLI::ValidationError("--draw: '" + target +
                               "' is one file but there may be several images; name a folder");
  for (const auto& image : list.known()) protect(image);
}

void Drawings::write(const ImageOutput& image) {
  if (!wanted()) return;
  const fs::path path = folder_ ? target_ / free_name(image.file) : target_;
  const auto there = id_of(path);
  if (there && (originals_.contains(*there) || there == id_of(image.file)))
    throw Error("would overwrite an input image", path.string());
  if (there && only_new_ && !written_.contains(*there))
    throw Error("would overwrite an existing file, which may be an image of the list", path.string());
  write_image(path, image.drawing);
  if (const auto id = id_of(path); id && only_new_) written_.insert(*id);
}

void Drawings::protect(const fs::path& image) {
  if (const auto id = id_of(image)) originals_.insert(*id);
  const auto folder = image.has_parent_path() ? image.parent_path() : ".";
  std::error_code ignored;
  if (folder_ && fs::equivalent(folder, target_, ignored))
    throw CLI::ValidationError("--draw: the folder '" + target_.string() + "' holds " + image.string() +
                               ", which is an input and might be overwritten; use another folder");
}

// Images of different folders may have the same name, and not all that can be read can be written.
std::string Drawings::free_name(const fs::path& file) {
  const std::string stem = file.stem(), ending = is_written_image_name(file) ? file.extension() : ".png";
  std::string name = stem + ending;
  for (int i = 2; !used_.insert(name).second; ++i) name = stem + "-" + std::to_string(i) + ending;
  return name;
}

}  // namespace regard

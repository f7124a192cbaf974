#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "regard/core/geometry.h"

/// Boxes of faces that another detector has found.
namespace regard {

/// By image.
using Boxes = std::map<std::string, std::vector<Box>>;

/// From a table (CSV with the columns file, x, y, w, h in any order) or from JSON (lines or a list of
/// {"file", "box"} or
/// {"file", "faces": [{"box"}]}), as `regard recognize` writes both. Throws Error, also for a box that is
/// empty or not finite.
Boxes read_boxes(const std::filesystem::path& path);
/// The same of a file's bytes; `where` names it in errors.
Boxes parse_boxes(std::string bytes, const std::string& where);

/// Which boxes belong to which image.
class GivenBoxes {
 public:
  /// `images`: those that are known beforehand.
  GivenBoxes(Boxes boxes, const std::vector<std::string>& images);

  /// Those under the image's path, as it is or without "./" and the like; else those under its name without
  /// folders, if no other of the known images is called so. None if there are none.
  const std::vector<Box>* of(const std::string& image) const;

  /// Says that the image has come.
  void mark_used(const std::string& image);
  /// Names of boxes whose image has not come.
  const std::set<std::string>& unused() const { return unused_; }

 private:
  Boxes boxes_;
  std::map<std::string, std::string> plain_;  // names in boxes_, by the image's path
  std::set<std::string> unused_;
};

}  // namespace regard

#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace regard {

/// The fold of each image of a data set: a text file with one line NAME,FOLD per image, folds numbered from
/// 0. Empty lines and lines that start with # are ignored.
class FoldList {
 public:
  /// Throws Error naming a malformed line, and for an image that is listed twice.
  static FoldList read(const std::filesystem::path& path);

  /// The fold of an image. Throws Error for one that is not listed.
  int fold(const std::string& name) const;

  /// Number of folds: the largest number plus one.
  int count() const { return count_; }

  /// SHA-256 of the file.
  const std::string& sha256() const { return sha256_; }

 private:
  std::string path_, sha256_;
  std::map<std::string, int, std::less<>> folds_;
  int count_ = 0;
};

}  // namespace regard

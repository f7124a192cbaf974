#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace regard {

/// Which fold each image of a data set belongs to: a text file with a line NAME,FOLD for each, the folds
/// numbered from 0. Empty lines and those that begin with # are left out.
class FoldList {
 public:
  /// Throws Error for a line that is none, naming it, and for an image that is listed twice.
  static FoldList read(const std::filesystem::path& path);

  /// The fold of an image. Throws Error for one that is not listed.
  int fold(const std::string& name) const;

  /// How many folds there are: the largest number and one.
  int count() const { return count_; }

  /// SHA-256 of the file.
  const std::string& sha256() const { return sha256_; }

 private:
  std::string path_, sha256_;
  std::map<std::string, int, std::less<>> folds_;
  int count_ = 0;
};

}  // namespace regard

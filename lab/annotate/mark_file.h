#pragma once

#include "lab/annotate/database.h"
#include "lab/annotate/marks.h"

namespace regard {

/// The database of marks, and the identity of its images.
struct MarkFile {
  Database database;
  std::string dataset, split;
  std::string names;  ///< SHA-256 of the images' names
  std::vector<std::string> labels;
  std::int64_t count = 0;

  /// Whether there is a non-empty file at this path.
  static bool exists(const std::filesystem::path& path);
  /// A new one, all of it or nothing. Throws Error if there is one, and for a set without images or with a
  /// name twice.
  static std::unique_ptr<MarkFile> create(const std::filesystem::path& path, const MarkedSet& set);
  /// Throws Error if the file is missing or not such a database.
  static std::unique_ptr<MarkFile> open(const std::filesystem::path& path);

  /// Throws Error, naming both, if it is of another data set, of another part of it or of other images.
  void check_is_of(const std::string& other_dataset, const std::string& other_split,
                   const std::vector<std::string>& other_names) const;

 private:
  MarkFile(const std::filesystem::path& path, int flags);
  std::string about(const std::string& key) const;
  void load();
};

}  // namespace regard

#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "regard/image/image_files.h"

namespace regard {

/// A data set's files: a folder, or a .zip file that holds the same. Names are relative to its root, with
/// slashes. Not thread safe.
class Tree {
 public:
  /// Throws Error if there is neither, or the .zip cannot be read.
  static std::unique_ptr<Tree> open(const std::filesystem::path& source);

  virtual ~Tree() = default;

  /// Whether there is a file of that name.
  virtual bool has(const std::string& name) = 0;
  /// The file's bytes; nothing if it is missing. Throws Error if it cannot be read.
  virtual std::optional<std::string> read(const std::string& name) = 0;
  /// Names of the files and of the folders straight inside of a folder ("" is the root), sorted; none if it
  /// is missing. System files (is_companion_name) are ignored.
  virtual std::vector<std::string> files(const std::string& folder) = 0;
  virtual std::vector<std::string> folders(const std::string& folder) = 0;
  /// The images among the files of a folder, by their names or, without an ending, their first bytes.
  std::vector<std::string> images(const std::string& folder);
  /// All other files in the folders so far.
  const PassedOver& passed_over() const { return passed_over_; }
  /// How messages name the file.
  virtual std::string place(const std::string& name) const = 0;

  /// The bytes of a file that must be there. Throws Error if it is missing.
  std::string bytes(const std::string& name);
  /// The decoded contents of such a file (core/text.h). Throws Error, also if it is not text.
  std::string text(const std::string& name);

 private:
  bool is_image(const std::string& name);

  PassedOver passed_over_;
};

/// "train/" + "a.png"; of an empty folder, the name alone.
std::string joined(const std::string& folder, const std::string& name);

}  // namespace regard

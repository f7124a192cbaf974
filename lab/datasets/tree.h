#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

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
  /// is missing.
  virtual std::vector<std::string> files(const std::string& folder) = 0;
  virtual std::vector<std::string> folders(const std::string& folder) = 0;
  /// How messages name the file.
  virtual std::string place(const std::string& name) const = 0;

  /// The bytes of a file that must be there. Throws Error if it is missing.
  std::string text(const std::string& name);
};

/// "train/" + "a.png"; of an empty folder, the name alone.
std::string joined(const std::string& folder, const std::string& name);

/// Whether a name ends like an image's: .jpg, .jpeg, .png, .bmp, .tif, .tiff or .webp, in small letters or
/// capitals.
bool is_image_name(const std::string& name);

}  // namespace regard

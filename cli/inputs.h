#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "regard/image/image_files.h"

/// The images that a command processes.
namespace regard {

/// The images that words of a command line mean: files, folders (all images below them, sorted by name; by
/// their endings or, where they have none, their first bytes; hidden files and what systems leave behind are
/// left out), patterns (`*`, `?`, `[...]`) that the shell has left alone, and `-`, standard input with one
/// such word a line, or between zeros.
class ImageList {
 public:
  /// `tars`: tar files in folders count as well.
  explicit ImageList(const std::vector<std::string>& words, bool tars = false);

  /// The next image's path, empty at the end. Standard input is read as it comes.
  std::optional<std::string> next();

  /// How many there will be; 0 if that is not known because of standard input.
  std::size_t total() const { return open_ended_ ? 0 : found_.size(); }
  /// Those that are known before the first is asked for: all but those of standard input.
  const std::vector<std::string>& known() const { return found_; }
  /// Whether standard input names more.
  bool open_ended() const { return open_ended_; }
  /// Whether there may be more than one.
  bool may_be_many() const { return open_ended_ || found_.size() > 1; }

  /// Inputs that were not found, with the reason, and folders without images.
  std::vector<std::string> take_failures() { return std::move(failures_); }
  /// Files skipped in folders: "holidays: 12 .mov, 3 .txt skipped".
  const std::vector<std::string>& skipped() const { return skipped_; }

  /// Length of the longest path known so far, in characters.
  std::size_t longest() const;

 private:
  void add(const std::string& word);
  void add_path(const std::string& path);
  void add_folder(const std::filesystem::path& folder, PassedOver& passed);
  std::optional<std::string> next_word();

  std::vector<std::string> found_, failures_, skipped_;
  std::size_t position_ = 0;
  bool tars_ = false;
  bool open_ended_ = false, first_word_ = true;
};

}  // namespace regard

#include "cli/inputs.h"

#include <glob.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iostream>
#include <iterator>
#include <span>
#include <utility>

#include "regard/archive/inputs.h"
#include "regard/core/error.h"
#include "regard/core/text.h"
#include "regard/image/decode.h"

namespace regard {

namespace {

namespace fs = std::filesystem;

/// By its extension or, without one, its first bytes.
bool is_image(const fs::path& path) {
  if (!ending_of(path).empty()) return is_image_name(path);
  std::array<char, kImageStart> start{};
  std::ifstream file(path, std::ios::binary);
  file.read(start.data(), start.size());
  return starts_as_image(std::as_bytes(std::span(start)).first(static_cast<std::size_t>(file.gcount())));
}

// A pipe or the like, which would block; also a folder that is named like an image.
bool is_stream(const fs::path& path) {
  std::error_code ignored;
  return fs::is_other(path, ignored) || fs::is_directory(path, ignored);
}

std::vector<std::string> matches(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths;
  if (glob(pattern.c_str(), GLOB_TILDE, nullptr, &found) == 0)
    std::copy_if(found.gl_pathv, found.gl_pathv + found.gl_pathc, std::back_inserter(paths),
                 [](const fs::path& path) { return !is_companion_name(path.filename().string()); });
  globfree(&found);
  return paths;
}

}  // namespace

ImageList::ImageList(const std::vector<std::string>& words, bool tars) : tars_(tars) {
  for (const auto& word : words)
    if (word == "-")
      open_ended_ = true;
    else
      add(word);
}

void ImageList::add(const std::string& word) {
  std::error_code ignored;
  const bool is_there = fs::symlink_status(word, ignored).type() != fs::file_type::not_found;
  if (is_there || word.find_first_of("*?[") == std::string::npos) return add_path(word);
  const auto paths = matches(word);
  if (paths.empty()) failures_.push_back(word + ": no file is named so");
  for (const auto& path : paths) add_path(path);
}

void ImageList::add_path(const std::string& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return found_.push_back(path);
  const auto before = found_.size();
  const auto failed = failures_.size();
  PassedOver passed;
  add_folder(path, passed);
  const std::string skipped = passed.empty() ? "" : passed.text() + " skipped";
  if (found_.size() > before) {
    if (!passed.empty()) skipped_.push_back(path + ": " + skipped);
  } else if (failures_.size() == failed) {
    failures_.push_back(path + ": no images in this folder" + (passed.empty() ? "" : "; " + skipped));
  }
  std::sort(found_.begin() + static_cast<std::ptrdiff_t>(before), found_.end());
}

void ImageList::add_folder(const fs::path& folder, PassedOver& passed) {
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const auto& path = entry->path();
    std::error_code ignored;  // a link that leads nowhere is reported when it is read
    if (is_companion_name(path.filename().string())) continue;
    if (fs::symlink_status(path, ignored).type() == fs::file_type::directory)
      add_folder(path, passed);
    else if (!is_stream(path) && (is_image(path) || (tars_ && is_tar_name(path))))
      found_.push_back(path);
    else
      passed.add(path.filename());
  }
  if (error) failures_.push_back(folder.string() + ": " + error.message());
}

/// The next entry of standard input, ended by a line feed or, as written by `find -print0`, by a zero byte.
std::optional<std::string> ImageList::next_word() {
  std::string word;
  for (int c; (c = std::cin.get()) != EOF && c != '\n' && c != '\0';) word += static_cast<char>(c);
  if (word.empty() && !std::cin) return {};
  if (std::exchange(first_word_, false)) {
    if (word.starts_with("\xff\xfe") || word.starts_with("\xfe\xff"))
      throw Error("list cannot be read", "standard input", "UTF-8", "UTF-16");
    if (word.starts_with("\xef\xbb\xbf")) word.erase(0, 3);
  }
  if (word.ends_with('\r')) word.pop_back();
  return word;
}

std::optional<std::string> ImageList::next() {
  while (position_ == found_.size() && open_ended_) {
    found_.clear();
    position_ = 0;
    const auto word = next_word();
    if (!word) return {};
    if (!word->empty()) add(*word);
  }
  return position_ < found_.size() ? std::optional(found_[position_++]) : std::nullopt;
}

std::size_t ImageList::longest() const {
  std::size_t longest = 0;
  for (const auto& path : found_) longest = std::max(longest, text_width(path));
  return longest;
}

}  // namespace regard

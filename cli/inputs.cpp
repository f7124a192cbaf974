#include "cli/inputs.h"

#include <glob.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <iostream>
#include <iterator>
#include <span>
#include <utility>

#include "regard/core/csv.h"
#include "regard/core/file.h"
#include "regard/core/json.h"
#include "regard/core/text.h"
#include "regard/face/given_boxes.h"
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

float number(const std::string& text, const std::string& where) {
  try {
    std::size_t end = 0;
    const float value = std::stof(text, &end);
    if (end == text.size()) return value;
  } catch (const std::exception&) {
  }
  throw Error("a box is no box", where, "a number", "'" + text + "'");
}

using Boxes = std::map<std::string, std::vector<Box>>;

Box checked(const Box& box, const std::string& where) {
  check_box(box, where);
  return box;
}

Boxes boxes_from_csv(std::string_view text, const std::string& where) {
  constexpr std::array<const char*, 5> kNames = {"file", "x", "y", "w", "h"};
  CsvReader reader(text, where, csv_separator(text));
  const auto header = reader.next().value_or(CsvRow{});
  const auto columns = csv_columns(header, kNames, where);
  Boxes boxes;
  while (const auto row = reader.next()) {
    const std::string place = reader.place(*row);
    if (row->fields.size() != header.fields.size())
      throw Error("row has the wrong number of fields", place, std::to_string(header.fields.size()),
                  std::to_string(row->fields.size()));
    const auto value = [&](int i) { return number(row->fields[columns[i]], place); };
    boxes[row->fields[columns[0]]].push_back(checked({value(1), value(2), value(3), value(4)}, place));
  }
  return boxes;
}

Box box_from_json(const Json& json, const std::string& where) {
  const auto numbers = json.get<std::vector<float>>();
  if (numbers.size() != 4) throw Error("a box is no box", where, "four numbers", json.dump());
  return checked({numbers[0], numbers[1], numbers[2], numbers[3]}, where);
}

void add_boxes(const Json& entry, Boxes& boxes, const std::string& where) {
  if (entry.is_array()) {
    for (const auto& each : entry) add_boxes(each, boxes, where);
    return;
  }
  auto& list = boxes[entry.at("file").get<std::string>()];
  if (entry.contains("box")) list.push_back(box_from_json(entry.at("box"), where));
  if (!entry.contains("faces")) return;
  for (const auto& face : entry.at("faces")) list.push_back(box_from_json(face.at("box"), where));
}

// The text as one value; none if it may be one a line instead.
std::optional<Json> whole_json(const std::string& text, const std::string& where) {
  try {
    return parse_json(text, where);
  } catch (const Error&) {
    if (lines_of(text).size() < 2) throw;
    return {};
  }
}

Boxes boxes_from_json(const std::string& text, const std::string& where) {
  Boxes boxes;
  try {
    if (const auto whole = whole_json(text, where)) {
      add_boxes(*whole, boxes, where);
      return boxes;
    }
    int row = 0;
    for (const auto line : lines_of(text)) {
      const std::string place = where + ":" + std::to_string(++row);
      if (!words_of(line).empty()) add_boxes(parse_json(line, place), boxes, place);
    }
  } catch (const Json::exception& error) {
    throw Error("boxes cannot be read", where, R"({"file", "box": [x, y, w, h]} a line)", error.what());
  }
  return boxes;
}

}  // namespace

ImageList::ImageList(const std::vector<std::string>& words) {
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
    else if (!is_stream(path) && is_image(path))
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

std::map<std::string, std::vector<Box>> parse_boxes(std::string bytes, const std::string& where) {
  const std::string text = decode_text(std::move(bytes), where);
  const auto first = text.find_first_not_of(" \t\r\n");
  const bool is_json = first != std::string::npos && (text[first] == '{' || text[first] == '[');
  return is_json ? boxes_from_json(text, where) : boxes_from_csv(text, where);
}

std::map<std::string, std::vector<Box>> read_boxes(const std::filesystem::path& path) {
  return parse_boxes(read_text(path), path.string());
}

}  // namespace regard

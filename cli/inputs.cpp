#include "cli/inputs.h"

#include <glob.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iostream>
#include <sstream>

#include "regard/core/file.h"
#include "regard/core/json.h"
#include "regard/core/text.h"

namespace regard {

namespace {

namespace fs = std::filesystem;

bool is_image_name(const fs::path& path) {
  static constexpr std::array kEndings = {".jpg", ".jpeg", ".jpe", ".png", ".webp", ".bmp", ".tif", ".tiff"};
  std::string ending = path.extension();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end();
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
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  globfree(&found);
  return paths;
}

float number(const std::string& text, const std::string& where) {
  try {
    std::size_t end = 0;
    const float value = std::stof(text, &end);
    if (end == text.size() && std::isfinite(value)) return value;
  } catch (const std::exception&) {
  }
  throw Error("a box is no box", where, "a number", "'" + text + "'");
}

using Boxes = std::map<std::string, std::vector<Box>>;

Box checked(const Box& box, const std::string& where) {
  for (const float value : {box.x, box.y, box.width, box.height})
    if (!std::isfinite(value)) throw Error("a box is no box", where, "finite numbers");
  if (!(box.width > 0 && box.height > 0))
    throw Error("a box is empty", where, "a width and height above 0",
                std::to_string(box.width) + " and " + std::to_string(box.height));
  return box;
}

Boxes boxes_from_csv(std::istringstream text, const std::string& where) {
  std::string line;
  std::getline(text, line);
  const auto header = csv_fields(line);
  std::array<std::size_t, 5> columns{};
  constexpr std::array<const char*, 5> kNames = {"file", "x", "y", "w", "h"};
  for (std::size_t i = 0; i < columns.size(); ++i) {
    columns[i] = std::find(header.begin(), header.end(), kNames[i]) - header.begin();
    if (columns[i] == header.size()) throw Error("a column is missing", where, "file,x,y,w,h", line);
  }
  Boxes boxes;
  for (int row = 2; std::getline(text, line); ++row) {
    if (line.empty() || line == "\r") continue;
    const auto fields = csv_fields(line);
    const std::string place = where + ":" + std::to_string(row);
    if (fields.size() != header.size())
      throw Error("fields are missing", place, std::to_string(header.size()), std::to_string(fields.size()));
    const auto value = [&](int i) { return number(fields[columns[i]], place); };
    boxes[fields[columns[0]]].push_back(checked({value(1), value(2), value(3), value(4)}, place));
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
    const auto end = text.find('\n');
    if (end == std::string::npos || end + 1 == text.size()) throw;
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
    std::istringstream lines(text);
    int row = 1;
    for (std::string line; std::getline(lines, line); ++row) {
      const std::string place = where + ":" + std::to_string(row);
      if (!line.empty() && line != "\r") add_boxes(parse_json(line, place), boxes, place);
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
  add_folder(path);
  if (found_.size() == before) empty_folders_.push_back(path);
  std::sort(found_.begin() + static_cast<std::ptrdiff_t>(before), found_.end());
}

void ImageList::add_folder(const fs::path& folder) {
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;  // a link that leads nowhere is reported when it is read
    if (fs::symlink_status(entry->path(), ignored).type() == fs::file_type::directory)
      add_folder(entry->path());
    else if (is_image_name(entry->path()) && !is_stream(entry->path()))
      found_.push_back(entry->path());
  }
  if (error) failures_.push_back(folder.string() + ": " + error.message());
}

std::optional<std::string> ImageList::next() {
  for (std::string line; position_ == found_.size() && open_ended_;) {
    found_.clear();
    position_ = 0;
    if (!std::getline(std::cin, line)) return std::nullopt;
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) add(line);
  }
  return position_ < found_.size() ? std::optional(found_[position_++]) : std::nullopt;
}

std::size_t ImageList::longest() const {
  std::size_t longest = 0;
  for (const auto& path : found_) longest = std::max(longest, text_width(path));
  return longest;
}

std::map<std::string, std::vector<Box>> read_boxes(const std::filesystem::path& path) {
  const std::string text = read_text(path);
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first != std::string::npos && (text[first] == '{' || text[first] == '['))
    return boxes_from_json(text, path);
  return boxes_from_csv(std::istringstream(text), path);
}

}  // namespace regard

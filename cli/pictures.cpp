#include "pictures.h"

#include <glob.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iostream>
#include <sstream>

#include "regard/core/file.h"
#include "regard/core/options.h"

namespace regard {

namespace {

namespace fs = std::filesystem;

bool is_picture_name(const fs::path& path) {
  static constexpr std::array kEndings = {".jpg", ".jpeg", ".jpe", ".png", ".webp", ".bmp", ".tif", ".tiff"};
  std::string ending = path.extension();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end();
}

std::vector<std::string> matches(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths;
  if (glob(pattern.c_str(), GLOB_TILDE, nullptr, &found) == 0)
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  globfree(&found);
  return paths;
}

// Fields of a line of CSV (RFC 4180, without line breaks inside of fields).
std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields{""};
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"')
      fields.back() += line[i++];
    else if (line[i] == '"')
      quoted = !quoted;
    else if (line[i] == ',' && !quoted)
      fields.emplace_back();
    else if (line[i] != '\r')
      fields.back() += line[i];
  }
  return fields;
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

Boxes boxes_from_csv(std::istringstream text, const std::string& where) {
  std::string line;
  std::getline(text, line);
  const auto header = fields_of(line);
  std::array<std::size_t, 5> columns{};
  constexpr std::array<const char*, 5> kNames = {"file", "x", "y", "w", "h"};
  for (std::size_t i = 0; i < columns.size(); ++i) {
    columns[i] = std::find(header.begin(), header.end(), kNames[i]) - header.begin();
    if (columns[i] == header.size()) throw Error("a column is missing", where, "file,x,y,w,h", line);
  }
  Boxes boxes;
  for (int row = 2; std::getline(text, line); ++row) {
    if (line.empty() || line == "\r") continue;
    const auto fields = fields_of(line);
    const std::string place = where + ":" + std::to_string(row);
    if (fields.size() != header.size())
      throw Error("fields are missing", place, std::to_string(header.size()), std::to_string(fields.size()));
    const auto value = [&](int i) { return number(fields[columns[i]], place); };
    boxes[fields[columns[0]]].push_back({value(1), value(2), value(3), value(4)});
  }
  return boxes;
}

Box box_from_json(const Json& json) {
  const auto numbers = json.get<std::array<float, 4>>();
  return {numbers[0], numbers[1], numbers[2], numbers[3]};
}

void add_boxes(const Json& entry, Boxes& boxes) {
  if (entry.is_array()) {
    for (const auto& each : entry) add_boxes(each, boxes);
    return;
  }
  auto& list = boxes[entry.at("file").get<std::string>()];
  if (entry.contains("box")) list.push_back(box_from_json(entry.at("box")));
  if (!entry.contains("faces")) return;
  for (const auto& face : entry.at("faces")) list.push_back(box_from_json(face.at("box")));
}

Boxes boxes_from_json(const std::string& text, const std::string& where) {
  Boxes boxes;
  try {
    if (const auto whole = Json::parse(text, nullptr, false); !whole.is_discarded()) {
      add_boxes(whole, boxes);
      return boxes;
    }
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
      if (!line.empty()) add_boxes(Json::parse(line), boxes);
  } catch (const Json::exception& error) {
    throw Error("boxes cannot be read", where, R"({"file", "box": [x, y, w, h]} a line)", error.what());
  }
  return boxes;
}

}  // namespace

PictureList::PictureList(const std::vector<std::string>& words) {
  for (const auto& word : words)
    if (word == "-")
      open_ended_ = true;
    else
      add(word);
}

void PictureList::add(const std::string& word) {
  std::error_code ignored;
  if (fs::is_directory(word, ignored)) {
    const auto before = found_.size();
    add_folder(word);
    if (found_.size() == before) empty_folders_.push_back(word);
    std::sort(found_.begin() + before, found_.end());
  } else if (!fs::exists(word, ignored) && word.find_first_of("*?[") != std::string::npos) {
    const auto paths = matches(word);
    if (paths.empty()) failures_.push_back(word + ": no file is named so");
    for (const auto& path : paths) add(path);
  } else {
    found_.push_back(word);
  }
}

void PictureList::add_folder(const fs::path& folder) {
  try {
    for (const auto& entry : fs::directory_iterator(folder))
      if (entry.is_directory() && !entry.is_symlink())
        add_folder(entry.path());
      else if (is_picture_name(entry.path()))
        found_.push_back(entry.path());
  } catch (const fs::filesystem_error& error) {
    failures_.push_back(folder.string() + ": " + error.code().message());
  }
}

std::optional<std::string> PictureList::next() {
  for (std::string line; position_ == found_.size() && open_ended_;) {
    found_.clear();
    position_ = 0;
    if (!std::getline(std::cin, line)) return std::nullopt;
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) add(line);
  }
  return position_ < found_.size() ? std::optional(found_[position_++]) : std::nullopt;
}

std::size_t PictureList::longest() const {
  std::size_t longest = 0;
  for (const auto& path : found_) longest = std::max(longest, text_width(path));
  return longest;
}

std::size_t text_width(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](unsigned char c) { return (c & 0xC0) != 0x80; });
}

std::map<std::string, std::vector<Box>> read_boxes(const std::filesystem::path& path) {
  const std::string text = read_text(path);
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first != std::string::npos && (text[first] == '{' || text[first] == '['))
    return boxes_from_json(text, path);
  return boxes_from_csv(std::istringstream(text), path);
}

}  // namespace regard

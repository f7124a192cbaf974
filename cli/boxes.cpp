#include "cli/boxes.h"

#include <algorithm>
#include <array>
#include <optional>

#include "regard/core/csv.h"
#include "regard/core/file.h"
#include "regard/core/json.h"
#include "regard/core/text.h"
#include "regard/face/given_boxes.h"

namespace regard {

namespace {

namespace fs = std::filesystem;

/// Blanks around it are skipped; a comma may stand for its point (which it does in tables with semicolons).
float number(std::string text, const std::string& where) {
  const std::string given = text;
  std::replace(text.begin(), text.end(), ',', '.');
  try {
    std::size_t end = 0;
    const float value = std::stof(text, &end);
    if (text.find_first_not_of(' ', end) == std::string::npos) return value;
  } catch (const std::exception&) {
  }
  throw Error("a box is no box", where, "a number", "'" + given + "'");
}

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
    reader.check_width(*row, header.fields.size());
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

std::string plain(const std::string& path) {
  return fs::path(path).lexically_normal();
}

}  // namespace

Boxes parse_boxes(std::string bytes, const std::string& where) {
  const std::string text = decode_text(std::move(bytes), where);
  const auto first = text.find_first_not_of(" \t\r\n");
  const bool is_json = first != std::string::npos && (text[first] == '{' || text[first] == '[');
  return is_json ? boxes_from_json(text, where) : boxes_from_csv(text, where);
}

Boxes read_boxes(const fs::path& path) {
  return parse_boxes(read_text(path), path.string());
}

GivenBoxes::GivenBoxes(Boxes boxes, const std::vector<std::string>& images) : boxes_(std::move(boxes)) {
  for (const auto& [name, list] : boxes_) {
    unused_.insert(name);
    plain_.emplace(plain(name), name);
  }
  std::map<std::string, std::set<std::string>> by_name;
  for (const auto& image : images) by_name[fs::path(image).filename()].insert(plain(image));
  for (const auto& [name, same] : by_name)
    if (same.size() == 1 && boxes_.contains(name)) plain_.emplace(*same.begin(), name);
}

const std::vector<Box>* GivenBoxes::of(const std::string& image) const {
  auto found = boxes_.find(image);
  if (found == boxes_.end())
    if (const auto other = plain_.find(plain(image)); other != plain_.end())
      found = boxes_.find(other->second);
  return found == boxes_.end() ? nullptr : &found->second;
}

void GivenBoxes::mark_used(const std::string& image) {
  const auto* boxes = of(image);
  if (boxes == nullptr) return;
  std::erase_if(unused_, [&](const std::string& name) { return &boxes_.at(name) == boxes; });
}

}  // namespace regard

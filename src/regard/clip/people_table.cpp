#include "regard/clip/people_table.h"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string_view>

#include "regard/core/csv.h"
#include "regard/core/error.h"
#include "regard/core/file.h"
#include "regard/core/json.h"
#include "regard/core/output_file.h"
#include "regard/core/text.h"
#include "regard/track/tracker.h"

namespace regard {
namespace {

/// A person in a row of the table, to be looked at or changed.
struct PersonInRow {
  std::string frame = {};
  int number = kNobody;
  std::string name = {};
};
using EditPerson = std::function<void(PersonInRow&)>;
using WriteText = std::function<void(std::string_view)>;

std::optional<int> person_number(std::string_view text) {
  const auto number = whole_number<int>(text);
  return number && *number >= 0 ? number : std::nullopt;
}

int some_person(std::string_view text, const std::string& where, const std::string& expected,
                const std::string& all) {
  const auto number = person_number(text);
  if (!number || *number == kNobody)
    throw Error("is no number of a person", where, expected, "'" + all + "'");
  return *number;
}

/// Calls `edit` with everybody in the rows of a CSV, and `write` with the header and the rows that result.
/// `named`: whether there is to be a column of names.
void edit_csv(const std::string& text, const std::string& where, bool named, const EditPerson& edit,
              const WriteText& write) {
  constexpr std::array<const char*, 2> kNames{"frame", "face_id"};
  CsvReader reader(text, where, csv_separator(text));
  auto header = reader.next().value_or(CsvRow{});
  const auto columns = csv_columns(header, kNames, where);
  const std::size_t width = header.fields.size(), frame = columns[0], id = columns[1];
  const auto place = std::ranges::find(header.fields, "name");
  const bool has_names = place != header.fields.end();
  const std::size_t name = has_names ? static_cast<std::size_t>(place - header.fields.begin()) : id + 1;
  const auto add_name = [&](CsvRow& row, const std::string& cell) {
    if (has_names)
      row.fields[name] = cell;
    else if (named)
      row.fields.insert(row.fields.begin() + static_cast<std::ptrdiff_t>(name), cell);
  };
  add_name(header, "name");
  write(csv_row(header.fields));
  while (auto row = reader.next()) {
    reader.check_width(*row, width);
    PersonInRow person{.frame = row->fields[frame], .name = has_names ? row->fields[name] : ""};
    if (const auto& cell = row->fields[id]; !cell.empty()) {
      const auto number = person_number(cell);
      if (!number) throw Error("is no number of a person", reader.place(*row), "0 or more", "'" + cell + "'");
      person.number = *number;
      edit(person);
      row->fields[id] = std::to_string(person.number);
    }
    add_name(*row, person.name);
    write(csv_row(row->fields));
  }
}

/// A face of a line, with another person.
Json with_person(const Json& face, const PersonInRow& person, bool named) {
  Json changed = Json::object();
  for (const auto& [key, value] : face.items()) {
    if (key == "name") continue;
    changed[key] = value;
    if (key != "face_id") continue;
    changed[key] = person.number;
    if (named || face.contains("name")) changed["name"] = person.name;
  }
  return changed;
}

/// The same of JSON lines, in which a face gets a name where `named` says so.
void edit_json_lines(const std::string& text, const std::string& where, bool named, const EditPerson& edit,
                     const WriteText& write) {
  std::size_t number = 0;
  for (const auto line : lines_of(text)) {
    const std::string place = where + ":" + std::to_string(++number);
    if (line.empty()) continue;
    auto json = parse_json(line, place);
    if (!json.is_object() || !json.contains("frame") || !json.contains("faces") || !json["faces"].is_array())
      throw Error("is no frame of a table of `regard video`", place, "an object with frame and faces");
    for (auto& face : json["faces"]) {
      if (!face.is_object() || !face.contains("face_id") || !face["face_id"].is_number_integer())
        throw Error("is no face of a table of `regard video`", place, "an object with face_id, a number");
      PersonInRow person{.frame = json["frame"].dump(),
                         .number = face["face_id"].get<int>(),
                         .name = face.contains("name") && face["name"].is_string() ? face["name"] : Json("")};
      edit(person);
      face = with_person(face, person, named);
    }
    write(json_text(json, place) + "\n");
  }
}

/// Who is in a table, and who becomes whom.
class WhoIsWho {
 public:
  WhoIsWho(const PeopleChanges& changes, std::string where) : changes_(changes), where_(std::move(where)) {}

  void look(const PersonInRow& person) {
    if (person.number != kNobody) becomes_[person.number] = person.number;
  }

  /// After everybody was looked at.
  void decide() {
    for (const auto& list : changes_.merges)
      for (const int number : list) {
        const int target = after(list.front()), old = after(number);
        for (auto& [from, to] : becomes_)
          if (to == old) to = target;
      }
    for (const auto& [number, name] : changes_.names) names_[after(number)] = name;
  }

  /// Throws Error if two people are to be one who are seen together.
  void check(const PersonInRow& person) {
    if (person.number == kNobody) return;
    if (person.frame != frame_) frame_ = person.frame, seen_.clear();
    const auto [other, first] = seen_.emplace(after(person.number), person.number);
    if (!first && other->second != person.number)
      throw Error(
          "people who are seen together cannot be one", where_, {},
          std::to_string(other->second) + " and " + std::to_string(person.number) + " in frame " + frame_);
  }

  void change(PersonInRow& person) const {
    if (person.number == kNobody) return;
    person.number = after(person.number);
    if (const auto name = names_.find(person.number); name != names_.end()) person.name = name->second;
  }

 private:
  int after(int number) const {
    const auto found = becomes_.find(number);
    if (found != becomes_.end()) return found->second;
    std::vector<std::string> known;
    for (const auto& [from, to] : becomes_) known.push_back(std::to_string(from));
    throw Error("there is no such person", where_, known.empty() ? "somebody" : join(known),
                std::to_string(number));
  }

  const PeopleChanges& changes_;
  std::string where_;
  std::map<int, int> becomes_ = {};
  std::map<int, std::string> names_ = {};
  std::string frame_ = {};
  std::map<int, int> seen_ = {};  // in this frame: by the new number, the old one
};

}  // namespace

std::vector<int> parse_merge(const std::string& text, const std::string& where) {
  constexpr const char* kExpected = "two numbers of people or more, such as 3,7";
  std::vector<int> numbers;
  for (const auto word : words_of(text, ",")) numbers.push_back(some_person(word, where, kExpected, text));
  if (numbers.size() < 2) throw Error("is nobody to be merged", where, kExpected, "'" + text + "'");
  return numbers;
}

std::pair<int, std::string> parse_name(const std::string& text, const std::string& where) {
  constexpr const char* kExpected = "a number and a name, such as 3=mother";
  const auto sign = text.find('=');
  if (sign == text.npos || sign + 1 == text.size())
    throw Error("is no name", where, kExpected, "'" + text + "'");
  return {some_person(std::string_view(text).substr(0, sign), where, kExpected, text), text.substr(sign + 1)};
}

void change_people(const std::filesystem::path& table, const PeopleChanges& changes,
                   const std::filesystem::path& out) {
  const std::string text = read_plain_text(table), where = table.string();
  const auto edit_table = text.starts_with('{') ? edit_json_lines : edit_csv;
  const bool named = !changes.names.empty();
  const auto skip = [](std::string_view) {};
  WhoIsWho who(changes, where);
  edit_table(
      text, where, named, [&](PersonInRow& person) { who.look(person); }, skip);
  who.decide();
  edit_table(
      text, where, named, [&](PersonInRow& person) { who.check(person); }, skip);

  OutputFile file(out);
  std::string waiting;
  const auto flush = [&] { file.write(std::as_bytes(std::span(waiting))), waiting.clear(); };
  const auto write = [&](std::string_view row) {
    waiting += row;
    if (waiting.size() > 1'000'000) flush();
  };
  edit_table(
      text, where, named, [&](PersonInRow& person) { who.change(person); }, write);
  flush();
  file.commit();
}

}  // namespace regard

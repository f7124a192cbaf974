#include "lab/datasets/lists.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "regard/core/csv.h"
#include "regard/core/error.h"
#include "regard/core/file.h"
#include "regard/core/text.h"
#include "regard/image/decode.h"
#include "regard/image/image_files.h"

namespace regard {
namespace {

constexpr std::string_view kAligned = "_aligned";
constexpr std::size_t kHashDigits = 32;  // at least; AffectNet's have 56
constexpr std::array<const char*, 4> kFerplusOcclusions{"upper", "bottom", "left-right", "glasses-mask"};
constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kBlanks = " \t\f\v";
constexpr std::size_t kMostWords = 16;  // of a line that may be one name

bool is_number(std::string_view word) {
  return !word.empty() && word.find_first_not_of(kDigits) == word.npos;
}

bool is_hash(std::string_view word) {
  return word.size() >= kHashDigits && word.find_first_not_of("0123456789abcdef") == word.npos;
}

/// Takes the last part off a path.
std::string_view take_last(std::string_view& path) {
  while (path.ends_with('/') || path.ends_with('\\')) path.remove_suffix(1);
  const auto slash = path.find_last_of("/\\");
  const auto last = slash == path.npos ? path : path.substr(slash + 1);
  path.remove_suffix(last.size());
  return last;
}

/// The name that a path ends in, without extension. AffectNet's pose lists name a crop in a folder that has
/// the image's name.
std::string stem_of(std::string_view path) {
  const auto last = take_last(path);
  if (const auto folder = take_last(path); is_hash(folder)) return std::string(folder);
  const auto dot = last.rfind('.');
  return std::string(dot == last.npos || dot == 0 ? last : last.substr(0, dot));
}

/// By what names are compared.
std::string key_of(std::string name) {
  if (name.ends_with(kAligned)) name.resize(name.size() - kAligned.size());
  return name;
}

/// "3_fer0000000" -> "fer0000000"; the name itself where no number stands before it.
std::string without_label(const std::string& name) {
  const auto end = name.find('_');
  return end != name.npos && is_number(std::string_view(name).substr(0, end)) ? name.substr(end + 1) : name;
}

/// `rest`: the words after the name.
std::string type_of(const std::string& name, std::span<const std::string> rest) {
  if (rest.size() < 2 || !is_number(rest[0]) || !is_number(rest[1])) return "";
  const bool ferplus = rest[0] == "8" && without_label(name) != name;
  if (ferplus && rest[1].size() == 1 && rest[1][0] < '4') return kFerplusOcclusions[rest[1][0] - '0'];
  if (name.ends_with(kAligned) && rest[1] == "4") return kFerplusOcclusions[3];
  return rest[1];
}

bool looks_like_header(std::string_view word) {
  return word.find_first_of("./\\") == word.npos &&
         (word.find_first_of(kDigits) == word.npos || is_number(word));
}

bool ends_as_image(std::string_view word) {
  return is_image_name(std::filesystem::path(word));
}

/// How much a word looks like the name of an image: 3 with an extension, 2 as a path or a hash, 1 with
/// letters and digits.
int likeness(std::string_view word) {
  if (ends_as_image(word)) return 3;
  if (word.find_first_of("/\\") != word.npos || is_hash(word)) return 2;
  const bool has_digits = word.find_first_of(kDigits) != word.npos;
  return has_digits && !is_number(word) && word.find_first_of(".,:()") == word.npos ? 1 : 0;
}

ListedImage image_of(const std::string& name, std::span<const std::string> rest = {}) {
  const std::string stem = stem_of(name);
  return {.name = stem, .others = {}, .type = type_of(stem, rest)};
}

void add_image(std::vector<ListedImage>& list, ListedImage image) {
  if (!image.name.empty()) list.push_back(std::move(image));
}

// --- Tables ---

using Row = std::vector<std::string>;

/// The separator of fields; none for words between blanks. A name may contain a comma, but a table has one in
/// most lines.
std::optional<char> separator_of(std::string_view text) {
  const auto lines = lines_of(text);
  const auto filled = std::ranges::count_if(lines, [](auto line) { return !words_of(line).empty(); });
  for (const char separator : {'\t', ';', ','}) {
    const auto with = std::ranges::count_if(
        lines, [&](auto line) { return trimmed(line, kBlanks).find(separator) != std::string::npos; });
    if (2 * with > filled) return separator;
  }
  return {};
}

std::vector<Row> rows_of(std::string_view text, char separator, const std::string& where) {
  std::vector<Row> rows;
  CsvReader reader(text, where, separator);
  while (auto row = reader.next()) {
    for (auto& field : row->fields) field = std::string(trimmed(field, kBlanks));
    if (std::ranges::any_of(row->fields, [](const auto& field) { return !field.empty(); }))
      rows.push_back(std::move(row->fields));
  }
  return rows;
}

/// The column of names in a table.
struct NameColumn {
  std::size_t index = 0;
  bool is_only = false;  ///< other columns have none, whatever they look like
};

/// By the header, else the column that looks most like names.
NameColumn column_of_names(const std::vector<Row>& rows) {
  constexpr std::array<std::string_view, 9> kNames{"image",    "images",     "file",
                                                   "filename", "path",       "file_name",
                                                   "name",     "image_name", "subdirectory_filepath"};
  const auto is_name = [&](const std::string& field) {
    return std::ranges::find(kNames, lower_case(field)) != kNames.end();
  };
  const auto named = std::ranges::find_if(rows[0], is_name);
  if (named != rows[0].end()) return {static_cast<std::size_t>(named - rows[0].begin()), true};
  std::vector<std::size_t> likeliest;
  for (const auto& row : rows) {
    likeliest.resize(std::max(likeliest.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) likeliest[i] += static_cast<std::size_t>(likeness(row[i]));
  }
  return {static_cast<std::size_t>(std::ranges::max_element(likeliest) - likeliest.begin())};
}

// --- Words between blanks ---

/// Words of a line; quoted text is one word.
std::vector<std::string> split_line(std::string_view line) {
  std::vector<std::string> words;
  for (std::size_t at = 0; (at = line.find_first_not_of(kBlanks, at)) != line.npos;) {
    const bool quoted = line[at] == '"' && line.find('"', at + 1) != line.npos;
    const auto begin = quoted ? at + 1 : at;
    const auto end =
        std::min(quoted ? line.find('"', begin) : line.find_first_of(kBlanks, begin), line.size());
    words.emplace_back(line.substr(begin, end - begin));
    at = end + (quoted ? 1 : 0);
  }
  return words;
}

/// Of words that end with an image's: they may be one name, with labels and numbers before it.
ListedImage image_with_blanks(std::span<const std::string> words, std::span<const std::string> rest) {
  std::size_t first = 0;
  while (first + 1 < words.size() && is_number(words[first])) ++first;
  auto image = image_of(join(words.subspan(first), " "), rest);
  if (words.size() <= kMostWords)
    for (std::size_t i = 0; i < words.size(); ++i)
      if (i != first) image.others.push_back(stem_of(join(words.subspan(i), " ")));
  return image;
}

/// Of words none of which ends as an image: one of the first two is the name, or several together are.
ListedImage image_without_ending(std::span<const std::string> words) {
  const bool after_number = words.size() > 1 && is_number(words[0]) && !is_number(words[1]);
  const std::size_t first = after_number ? 1 : 0;
  auto image = image_of(words[first], words.subspan(first + 1));
  if (words.size() > kMostWords) return image;
  for (std::size_t count = words.size(); count > 1; --count)
    for (std::size_t i = 0; i + count <= words.size(); ++i)
      image.others.push_back(stem_of(join(words.subspan(i, count), " ")));
  if (after_number && likeness(words[1]) == 0) image.others.push_back(stem_of(words[0]));
  return image;
}

/// Whether every word is a name of its own: of one form, with digits, more than a line of the published lists
/// has.
bool are_all_names(std::span<const std::string> words) {
  const auto is_name = [](const auto& word) { return word.empty() || likeness(word) > 0; };
  return words.size() > 1 && std::ranges::all_of(words, is_name);
}

void add_words(std::vector<ListedImage>& list, std::string_view line) {
  const auto words = split_line(line);
  if (words.empty()) return;
  if (std::ranges::none_of(words, ends_as_image)) {
    if (!are_all_names(words)) return add_image(list, image_without_ending(words));
    for (const auto& word : words) add_image(list, image_of(word));
    return;
  }
  const auto is_last = [&](std::size_t i) { return ends_as_image(words[i]); };
  for (std::size_t begin = 0, end = 0; end < words.size(); ++end) {
    if (!is_last(end)) continue;
    std::size_t next = end + 1;
    while (next < words.size() && !is_last(next)) ++next;
    const auto rest =
        next < words.size() ? std::span<const std::string>() : std::span(words).subspan(end + 1);
    add_image(list, image_with_blanks(std::span(words).subspan(begin, end + 1 - begin), rest));
    begin = end + 1;
  }
}

void add_row(std::vector<ListedImage>& list, const Row& row, NameColumn column, char separator) {
  const auto index = column.index;
  if (!column.is_only && std::ranges::count_if(row, ends_as_image) > 1) {
    for (const auto& names : row)
      if (ends_as_image(names)) add_words(list, names);
    return;
  }
  if (index >= row.size() || row[index].empty()) return;
  auto image = image_of(row[index], std::span(row).subspan(index + 1));
  image.others.push_back(stem_of(join(row, std::string(1, separator))));  // the line may be one name
  image.others.push_back(stem_of(join(row, std::string(1, separator) + " ")));
  add_image(list, std::move(image));
}

void add_table(std::vector<ListedImage>& list, const std::vector<Row>& rows, char separator) {
  if (rows.empty()) return;
  if (rows.size() == 1 && are_all_names(rows[0])) {
    for (const auto& names : rows[0]) add_words(list, names);
    return;
  }
  const auto column = column_of_names(rows);
  for (const auto& row : rows) {
    const bool first = list.empty();
    add_row(list, row, column, separator);
    if (first && !list.empty())
      list[0].may_be_header = looks_like_header(row[std::min(column.index, row.size() - 1)]);
  }
}

/// The names in a list of JSON or Python: ["a.png", 'b.png'].
std::vector<ListedImage> bracketed(std::string_view text) {
  std::vector<ListedImage> list;
  for (const auto part : words_of(text, ",\r\n[]")) {
    auto name = std::string(trimmed(part, kBlanks));
    if (name.size() > 1 && name.front() == name.back() && (name[0] == '"' || name[0] == '\''))
      name = name.substr(1, name.size() - 2);
    add_image(list, image_of(name));
  }
  return list;
}

bool is_bracketed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n"), end = text.find_last_not_of(" \t\r\n");
  return begin != text.npos && text[begin] == '[' && text[end] == ']';
}

std::vector<ListedImage> images_in(std::string_view text, const std::string& where) {
  if (is_bracketed(text)) return bracketed(text);
  std::vector<ListedImage> list;
  if (const auto separator = separator_of(text)) {
    add_table(list, rows_of(text, *separator, where), *separator);
    return list;
  }
  for (const auto line : lines_of(text)) {
    const bool first = list.empty();
    add_words(list, line);
    if (first && !list.empty()) list[0].may_be_header = looks_like_header(words_of(line)[0]);
  }
  return list;
}

}  // namespace

std::vector<ListedImage> read_list(const std::filesystem::path& path) {
  return parse_list(read_plain_text(path), path.string());
}

std::vector<ListedImage> parse_list(std::string_view text, const std::string& where) {
  auto list = images_in(text, where);
  if (list.empty()) throw Error("list names no images", where);
  return list;
}

ListMatch match_list(const std::vector<ListedImage>& list, std::span<const std::string> names,
                     const std::string& where) {
  std::unordered_map<std::string, std::size_t> index_of;
  for (std::size_t i = 0; i < names.size(); ++i) index_of.emplace(key_of(stem_of(names[i])), i);
  ListMatch match;
  const auto find = [&](const std::string& name) {
    const auto at = index_of.find(key_of(name));
    return at == index_of.end() ? index_of.find(key_of(without_label(name))) : at;
  };
  std::map<std::size_t, std::string> found;
  std::unordered_set<std::string> absent;
  std::unordered_set<std::string> named;
  for (const auto& image : list) {
    match.repeated += !named.insert(key_of(image.name)).second;
    auto at = find(image.name);
    for (std::size_t i = 0; at == index_of.end() && i < image.others.size(); ++i) at = find(image.others[i]);
    if (at != index_of.end())
      found.emplace(at->second, image.type);
    else if (!image.may_be_header)
      absent.insert(without_label(image.name));
  }
  if (found.empty()) throw Error("list names none of the split's images", where, {}, list.front().name);

  match.absent = absent.size();
  for (auto& [index, type] : found) {
    match.members.push_back(index);
    match.types.push_back(std::move(type));
  }
  return match;
}

}  // namespace regard

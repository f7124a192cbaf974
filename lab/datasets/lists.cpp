#include "lab/datasets/lists.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "regard/core/error.h"
#include "regard/core/file.h"

namespace regard {
namespace {

constexpr std::string_view kAligned = "_aligned";
constexpr std::size_t kHashDigits = 32;  // at least; AffectNet's have 56
constexpr std::array<const char*, 4> kFerplusOcclusions{"upper", "bottom", "left-right", "glasses-mask"};
constexpr std::string_view kBlanks = " \t\r\n\f\v,;";
constexpr std::string_view kDigits = "0123456789";

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (;;) {
    const auto begin = line.find_first_not_of(kBlanks);
    if (begin == line.npos) return words;
    const auto end = std::min(line.find_first_of(kBlanks, begin), line.size());
    words.push_back(line.substr(begin, end - begin));
    line.remove_prefix(end);
  }
}

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

std::string type_of(const std::vector<std::string_view>& words, const std::string& name) {
  if (words.size() < 3 || !is_number(words[1]) || !is_number(words[2])) return "";
  const bool ferplus = words[1] == "8" && without_label(name) != name;
  if (ferplus && words[2].size() == 1 && words[2][0] < '4') return kFerplusOcclusions[words[2][0] - '0'];
  if (name.ends_with(kAligned) && words[2] == "4") return kFerplusOcclusions[3];
  return std::string(words[2]);
}

bool looks_like_header(std::string_view word) {
  return word.find_first_of("./\\") == word.npos &&
         (word.find_first_of(kDigits) == word.npos || is_number(word));
}

}  // namespace

std::vector<ListedImage> read_list(const std::filesystem::path& path) {
  const std::string text = read_text(path);
  std::string_view rest = text;
  if (rest.starts_with("\xef\xbb\xbf")) rest.remove_prefix(3);
  std::vector<ListedImage> list;
  while (!rest.empty()) {
    const auto end = std::min(rest.find_first_of("\r\n"), rest.size());
    const auto words = words_of(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (words.empty()) continue;
    const std::string name = stem_of(words[0]);
    if (!name.empty())
      list.push_back({name, type_of(words, name), list.empty() && looks_like_header(words[0])});
  }
  if (list.empty()) throw Error("list names no images", path.string());
  return list;
}

ListMatch match_list(const std::vector<ListedImage>& list, std::span<const std::string> names,
                     const std::string& where) {
  std::unordered_map<std::string, std::size_t> index_of;
  for (std::size_t i = 0; i < names.size(); ++i) index_of.emplace(key_of(stem_of(names[i])), i);
  ListMatch match;
  std::map<std::size_t, std::string> found;
  std::unordered_set<std::string> absent;
  std::unordered_set<std::string> named;
  for (const auto& image : list) {
    const std::string name = key_of(image.name);
    match.repeated += !named.insert(name).second;
    auto at = index_of.find(name);
    if (at == index_of.end()) at = index_of.find(without_label(name));
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

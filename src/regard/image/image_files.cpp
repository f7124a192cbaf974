#include "regard/image/image_files.h"

#include <algorithm>
#include <array>
#include <vector>

#include "regard/core/text.h"
#include "regard/image/codec.h"

namespace regard {
namespace {

// Of Windows, macOS and network storage, in small letters; what begins with a dot is hidden anyway.
constexpr std::array<std::string_view, 9> kCompanions{
    "__macosx", "thumbs.db", "ehthumbs.db",  "ehthumbs_vista.db",        "desktop.ini",
    "@eadir",   "#recycle",  "$recycle.bin", "system volume information"};

}  // namespace

std::string ending_of(const std::filesystem::path& name) {
  constexpr std::size_t kLongest = 7;  // with the dot
  const auto ending = lower_case(name.extension().string());
  const auto letters = std::string_view(ending).substr(ending.empty() ? 0 : 1);
  const auto is = [](auto kind) { return [kind](unsigned char c) { return kind(c) != 0; }; };
  if (ending.size() > kLongest || !std::ranges::all_of(letters, is(isalnum)) ||
      std::ranges::none_of(letters, is(isalpha)))
    return "";
  return ending;
}

bool starts_as_image(std::span<const std::byte> bytes) {
  return std::ranges::any_of(image_codecs(), [&](const ImageCodec& codec) { return codec.matches(bytes); });
}

bool is_companion_name(std::string_view name) {
  return name.starts_with('.') || std::ranges::find(kCompanions, lower_case(name)) != kCompanions.end();
}

std::string PassedOver::text() const {
  std::vector<std::pair<std::string, std::size_t>> kinds(counts_.begin(), counts_.end());
  std::ranges::stable_sort(kinds, std::greater<>(), [](const auto& kind) { return kind.second; });
  std::vector<std::string> parts;
  for (const auto& [ending, count] : kinds)
    parts.push_back(std::to_string(count) + " " + (ending.empty() ? "without ending" : ending));
  return join(parts);
}

}  // namespace regard

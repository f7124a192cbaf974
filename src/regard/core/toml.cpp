#include "regard/core/toml.h"

#include <toml++/toml.h>

#include <sstream>

#include "regard/core/file.h"

namespace regard {

Json read_toml(const std::filesystem::path& path) {
  return parse_toml(read_plain_text(path), path.string());
}

Json parse_toml(const std::string& text, const std::string& where) {
  try {
    std::ostringstream json;
    json << toml::json_formatter{toml::parse(text, where)};
    return Json::parse(json.str());
  } catch (const toml::parse_error& error) {
    std::ostringstream place;
    place << where << ":" << error.source().begin.line << ":" << error.source().begin.column;
    throw Error(std::string("bad TOML: ") + std::string(error.description()), place.str());
  }
}

void lay_over(Json& json, const Json& patch) {
  for (const auto& [key, value] : patch.items()) {
    auto& own = json[key];
    if (own.is_object() && value.is_object())
      lay_over(own, value);
    else
      own = value;
  }
}

}  // namespace regard

#pragma once

#include <string>
#include <string_view>

#include "regard/core/options.h"

namespace regard {

/// Parses JSON text (T: Json, or nlohmann::json for sorted names). Throws Error if it is not JSON, if an
/// object has a name twice, or if it nests deeper than 64 levels; `where` names it in messages.
template <class T = Json>
T parse_json(std::string_view text, const std::string& where);

/// JSON text on one line. Throws Error if a string in it is not UTF-8; `where` names it in messages.
std::string json_text(const Json& json, const std::string& where);

/// The same for messages: invalid UTF-8 is shown as U+FFFD.
std::string json_shown(const Json& json);

extern template Json parse_json<Json>(std::string_view, const std::string&);
extern template nlohmann::json parse_json<nlohmann::json>(std::string_view, const std::string&);

}  // namespace regard

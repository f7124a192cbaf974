#pragma once

#include <filesystem>
#include <string>

#include "regard/core/options.h"

namespace regard {

/// A TOML file as JSON, its keys in alphabetical order. Throws Error if the file cannot be read and, with
/// line and column, if it is not TOML.
Json read_toml(const std::filesystem::path& path);
/// The same of a file's text; `where` names it in errors.
Json parse_toml(const std::string& text, const std::string& where);

/// `json` with the values of `patch` merged into it at every depth (RFC 7386, without removals).
void lay_over(Json& json, const Json& patch);

}  // namespace regard

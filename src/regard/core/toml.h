#pragma once

#include <filesystem>

#include "regard/core/options.h"

namespace regard {

/// A TOML file as JSON, its keys in alphabetical order. Throws Error if the file cannot be read and, with
/// line and column, if it is not TOML.
Json read_toml(const std::filesystem::path& path);

/// `json` with the values of `patch` merged into it at every depth (RFC 7386, without removals).
void lay_over(Json& json, const Json& patch);

}  // namespace regard

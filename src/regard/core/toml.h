#pragma once

#include <filesystem>

#include "regard/core/options.h"

namespace regard {

/// A TOML file as JSON, its keys in alphabetical order. Throws Error where the file cannot be read and, with
/// line and column, where it is no TOML.
Json read_toml(const std::filesystem::path& path);

/// What `patch` says instead of what `json` says, and what only `json` says (RFC 7386, without removals): the
/// tables of both are laid over each other, at every depth.
void lay_over(Json& json, const Json& patch);

}  // namespace regard

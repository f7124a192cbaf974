#pragma once

#include <span>

namespace regard {

/// A file that is part of the program.
struct Asset {
  const char* path;  ///< where it is served
  const char* type;
  const char* text;
};

/// The page with its style and script, and the description of the interface (OpenAPI).
std::span<const Asset> server_assets();

}  // namespace regard

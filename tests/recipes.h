#pragma once

#include <algorithm>
#include <filesystem>
#include <vector>

/// The recipes that are shipped.
namespace regard::test {

/// Every file of recipes/ that is a recipe rather than a table of them or a protocol, in order.
inline std::vector<std::filesystem::path> shipped_recipes() {
  std::vector<std::filesystem::path> paths;
  const auto folder = std::filesystem::path(REGARD_SOURCE_DIR) / "recipes";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const auto& path = entry.path();
    if (path.extension() == ".toml" && path.stem() != "protocol" && path.parent_path().filename() != "tables")
      paths.push_back(path);
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace regard::test

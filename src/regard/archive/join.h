#pragma once

#include <filesystem>
#include <span>

namespace regard {

/// Makes one file of the parts in folders of results, which must be of the same run and complete together.
/// Throws Error that names what is missing or differs.
void join_parts(std::span<const std::filesystem::path> folders, const std::filesystem::path& out);

}  // namespace regard

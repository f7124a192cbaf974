#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace regard {

/// Describes the first bytes of a file, for messages about unexpected files: "a PDF document", "a gzip
/// archive", "an HTML page", "text", "an empty file", ...; "something else" if unknown. Supported image
/// formats are not in the list.
std::string_view describe_content(std::span<const std::byte> bytes);

}  // namespace regard

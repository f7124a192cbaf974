#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace regard {

/// What a file's first bytes look like, for messages about files that are not what was expected: "a PDF
/// document", "a gzip archive", "an HTML page", "text", "an empty file", ...; "something else" where they are
/// nothing that is known here. Images that the image room reads are not in the list.
std::string_view describe_content(std::span<const std::byte> bytes);

}  // namespace regard

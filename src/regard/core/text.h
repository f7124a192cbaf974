#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace regard {

/// Characters of UTF-8 text.
std::size_t text_width(std::string_view text);

/// Fields of a line of CSV (RFC 4180, without line breaks inside of fields); a carriage return at its end is
/// left out.
std::vector<std::string> csv_fields(std::string_view line);

/// Text as a field of CSV (RFC 4180): in quotes where it has to be.
std::string csv_field(const std::string& text);

}  // namespace regard

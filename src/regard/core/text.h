#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace regard {

/// Characters of UTF-8 text.
std::size_t text_width(std::string_view text);

/// The parts (strings of any kind) joined with `separator`: "a, b, c".
template <class Parts>
std::string join(const Parts& parts, std::string_view separator = ", ") {
  std::string text;
  bool first = true;
  for (const auto& part : parts) {
    if (!first) text += separator;
    text += part;
    first = false;
  }
  return text;
}

/// Fields of a line of CSV (RFC 4180, without line breaks inside of fields); a trailing carriage return is
/// ignored.
std::vector<std::string> csv_fields(std::string_view line);

/// Text as a CSV field (RFC 4180), quoted if necessary.
std::string csv_field(const std::string& text);

}  // namespace regard

#pragma once

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace regard {

/// Characters of UTF-8 text.
std::size_t text_width(std::string_view text);

/// As std::printf would print it.
std::string formatted(const char* format, auto... values) {
  std::string text(static_cast<std::size_t>(std::snprintf(nullptr, 0, format, values...)), '\0');
  std::snprintf(text.data(), text.size() + 1, format, values...);
  return text;
}

/// The parts, strings of any kind, one after the other with `separator` between them: "a, b, c".
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

/// Fields of a line of CSV (RFC 4180, without line breaks inside of fields); a carriage return at its end is
/// left out.
std::vector<std::string> csv_fields(std::string_view line);

/// Text as a field of CSV (RFC 4180): in quotes where it has to be.
std::string csv_field(const std::string& text);

}  // namespace regard

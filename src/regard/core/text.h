#pragma once

#include <charconv>
#include <cstddef>
#include <cstdio>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace regard {

/// Characters of UTF-8 text.
std::size_t text_width(std::string_view text);

/// Without the characters of `blanks` at its ends. The view is into `text`.
std::string_view trimmed(std::string_view text, std::string_view blanks);

/// A time in UTC as std::strftime writes it; at most 63 characters.
std::string utc_text(std::time_t time, const char* format);

/// With ASCII letters in lower case.
std::string lower_case(std::string_view text);

/// As std::printf would print it.
std::string formatted(const char* format, auto... values) {
  std::string text(static_cast<std::size_t>(std::snprintf(nullptr, 0, format, values...)), '\0');
  std::snprintf(text.data(), text.size() + 1, format, values...);
  return text;
}

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

/// The number that a text is as a whole, as std::from_chars reads it; none if it is anything else.
template <class Number>
std::optional<Number> whole_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole ? std::optional(number) : std::nullopt;
}

/// With the characters escaped that mean something in HTML, XML and SVG.
std::string escape_html(const std::string& text);

/// The first few names: "a, b, c and 4 more"; "nothing" if empty.
std::string some_of(const std::vector<std::string>& names);

/// The contents of a text file as UTF-8: a byte order mark is dropped, UTF-16 is decoded. Bytes in other
/// encodings are kept, since file names may have any. All tables, lists and labels are decoded here. Throws
/// Error for a file that is not text, saying what it is instead.
std::string decode_text(std::string bytes, const std::string& where);

/// Lines without their ends: LF, CR LF or CR, which may be mixed. The views are into `text`.
std::vector<std::string_view> lines_of(std::string_view text);

/// The non-empty parts between blanks, or between any of `separators`.
std::vector<std::string_view> words_of(std::string_view text, std::string_view separators = " \t\r\n\f\v");

}  // namespace regard

#include "regard/core/text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <span>

#include "regard/core/content.h"
#include "regard/core/error.h"

namespace regard {
namespace {

void append_utf8(std::string& text, std::uint32_t code) {
  const auto add = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (code < 0x80) return add(code);
  if (code < 0x800) {
    add(0xc0 | code >> 6);
  } else {
    if (code < 0x10000) {
      add(0xe0 | code >> 12);
    } else {
      add(0xf0 | code >> 18);
      add(0x80 | (code >> 12 & 0x3f));
    }
    add(0x80 | (code >> 6 & 0x3f));
  }
  add(0x80 | (code & 0x3f));
}

/// Half of a pair, or of a character, becomes U+FFFD.
std::string from_utf16(std::string_view bytes, bool big_endian) {
  const auto unit = [&](std::size_t i) {
    const auto a = static_cast<unsigned char>(bytes[i]), b = static_cast<unsigned char>(bytes[i + 1]);
    return static_cast<std::uint32_t>(big_endian ? a << 8 | b : b << 8 | a);
  };
  constexpr std::uint32_t kUnknown = 0xfffd;
  std::string text;
  std::size_t i = 0;
  for (; i + 1 < bytes.size(); i += 2) {
    const std::uint32_t high = unit(i), low = i + 3 < bytes.size() ? unit(i + 2) : 0;
    if (high < 0xd800 || high > 0xdfff) {
      append_utf8(text, high);
    } else if (high < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
      append_utf8(text, 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
      i += 2;
    } else {
      append_utf8(text, kUnknown);
    }
  }
  if (i < bytes.size()) append_utf8(text, kUnknown);
  return text;
}

/// Text in UTF-16 whose first characters are of ASCII, by where its zeros are.
bool looks_like_utf16(std::string_view bytes, std::size_t zero) {
  return bytes.size() >= 4 && bytes[zero] == 0 && bytes[zero + 2] == 0 && bytes[1 - zero] != 0 &&
         bytes[3 - zero] != 0;
}

std::string decoded(std::string_view bytes) {
  constexpr std::string_view kUtf32Little("\xff\xfe\0\0", 4);  // recognised by its zeros
  if (bytes.starts_with("\xef\xbb\xbf")) return std::string(bytes.substr(3));
  if (bytes.starts_with("\xff\xfe") && !bytes.starts_with(kUtf32Little))
    return from_utf16(bytes.substr(2), false);
  if (bytes.starts_with("\xfe\xff")) return from_utf16(bytes.substr(2), true);
  if (looks_like_utf16(bytes, 1)) return from_utf16(bytes, false);
  if (looks_like_utf16(bytes, 0)) return from_utf16(bytes, true);
  return std::string(bytes);
}

/// What a file is that users take for text; empty for text. Names of images may contain any byte but zero, so
/// only zeros, or control characters at the very beginning, are proof.
std::string kind_of_no_text(std::string_view bytes, std::string_view text) {
  const std::string kind(describe_content(std::as_bytes(std::span(bytes))));
  const auto is_control = [](unsigned char c) { return c < 0x20 && !std::isspace(c); };
  const auto zero = text.find('\0');
  const bool is_text = zero == text.npos && std::ranges::none_of(text.substr(0, 8), is_control);
  if (is_text)
    return kind == "an HTML page" || kind.starts_with("a Git LFS") || kind == "a PDF document" ? kind : "";
  if (kind == "a ZIP archive") return kind + " or a spreadsheet (.xlsx, .ods)";
  if (kind != "something else" && kind != "text") return kind;
  return zero == text.npos ? "binary data" : "binary data (a zero at byte " + std::to_string(zero) + ")";
}

}  // namespace

std::string_view trimmed(std::string_view text, std::string_view blanks) {
  const auto begin = text.find_first_not_of(blanks);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

std::string utc_text(std::time_t time, const char* format) {
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

std::string lower_case(std::string_view text) {
  std::string small(text);
  std::ranges::transform(small, small.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return small;
}

std::size_t text_width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](unsigned char c) { return (c & 0xC0) != 0x80; }));
}

std::string some_of(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 6;
  const auto shown = std::span(names).first(std::min(kMost, names.size()));
  const auto more = names.size() - shown.size();
  if (names.empty()) return "nothing";
  return join(shown) + (more > 0 ? " and " + std::to_string(more) + " more" : "");
}

std::string decode_text(std::string bytes, const std::string& where) {
  std::string text = decoded(bytes);
  if (const auto kind = kind_of_no_text(bytes, text); !kind.empty())
    throw Error("file is not text", where, "UTF-8, or UTF-16 with a byte order mark", kind);
  return text;
}

std::string escape_html(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of("\r\n"), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + (text.substr(end, 2) == "\r\n" ? 2 : 1), text.size()));
  }
  return lines;
}

std::vector<std::string_view> words_of(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> words;
  for (;;) {
    const auto begin = text.find_first_not_of(separators);
    if (begin == text.npos) return words;
    const auto end = std::min(text.find_first_of(separators, begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    text.remove_prefix(end);
  }
}

}  // namespace regard

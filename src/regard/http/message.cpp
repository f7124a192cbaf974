#include "regard/http/message.h"

#include <algorithm>

#include "regard/core/text.h"

namespace regard {
namespace {

constexpr std::string_view kSpaces = " \t";

/// The length of the parameter at the start of the text: up to a semicolon that is not in quotes.
std::size_t parameter_length(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      quoted = !quoted;
    else if (text[i] == ';' && !quoted)
      return i;
  }
  return text.size();
}

/// In a quoted string a backslash stands before a quote or a backslash only: names of files may have others.
std::string unquoted(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
  text = text.substr(1, text.size() - 2);
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\');
    plain += text[escape ? ++i : i];
  }
  return plain;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

}  // namespace

std::optional<std::string_view> field_of(const HttpFields& fields, std::string_view name) {
  const std::string wanted = lower_case(name);
  for (const auto& [known, value] : fields)
    if (lower_case(known) == wanted) return value;
  return std::nullopt;
}

std::string_view HttpRequest::field(std::string_view name) const {
  return field_of(fields, name).value_or(std::string_view());
}

std::optional<std::string> HttpRequest::asked(std::string_view name) const {
  for (const auto pair : words_of(query, "&")) {
    const auto equals = pair.find('=');
    if (percent_decoded(pair.substr(0, equals), "query") != name) continue;
    std::string value(equals == pair.npos ? std::string_view() : pair.substr(equals + 1));
    std::replace(value.begin(), value.end(), '+', ' ');
    return percent_decoded(value, "query: " + std::string(name));
  }
  return std::nullopt;
}

HttpAnswer json_answer(const Json& json, int status) {
  return {.status = status, .type = "application/json", .body = json_shown(json) + "\n"};
}

HttpAnswer error_answer(int status, const std::string& text) {
  return json_answer({{"error", text}}, status);
}

HttpAnswer busy_answer(const std::string& text, int retry_seconds) {
  HttpAnswer answer = error_answer(503, text);
  answer.fields.emplace_back("Retry-After", std::to_string(retry_seconds));
  return answer;
}

HttpAnswer answer_of(const std::function<HttpAnswer()>& work) {
  try {
    return work();
  } catch (const Error& error) {
    return error_answer(400, error.what());
  } catch (const std::exception& error) {
    return error_answer(500, error.what());
  }
}

std::string media_type(std::string_view content_type) {
  return lower_case(trimmed(content_type.substr(0, content_type.find(';')), kSpaces));
}

std::optional<std::string> parameter_of(std::string_view field, std::string_view name) {
  for (auto at = parameter_length(field); at < field.size();) {
    const auto rest = field.substr(at + 1);
    const auto length = parameter_length(rest);
    const auto parameter = rest.substr(0, length);
    const auto equals = parameter.find('=');
    if (equals != parameter.npos && lower_case(trimmed(parameter.substr(0, equals), kSpaces)) == name)
      return unquoted(trimmed(parameter.substr(equals + 1), kSpaces));
    at += 1 + length;
  }
  return std::nullopt;
}

std::string percent_decoded(std::string_view text, const std::string& where) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0 || (high == 0 && low == 0))
      throw Error("percent sign without a character's number", where, "%01 to %FF",
                  std::string(text.substr(i, 3)));
    plain += static_cast<char>(16 * high + low);
    i += 2;
  }
  return plain;
}

}  // namespace regard

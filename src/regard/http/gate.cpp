#include "regard/http/gate.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <span>

#include "regard/core/file.h"
#include "regard/core/text.h"

namespace regard {
namespace {

constexpr std::array<std::string_view, 3> kLoopbackNames = {"localhost", "127.0.0.1", "[::1]"};
constexpr std::size_t kShortestToken = 16;

/// "example.org:80" without its port.
std::string_view without_port(std::string_view host) {
  const auto colon = host.rfind(':'), bracket = host.rfind(']');
  return colon == host.npos || (bracket != host.npos && colon < bracket) ? host : host.substr(0, colon);
}

std::string digest(std::string_view text) {
  return sha256(std::as_bytes(std::span(text.data(), text.size())));
}

HttpAnswer unauthorised() {
  HttpAnswer answer = error_answer(401, "expected Authorization: Bearer and the server's token");
  answer.fields.emplace_back("WWW-Authenticate", "Bearer");
  return answer;
}

}  // namespace

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  const std::string left = digest(a), right = digest(b);  // of the same length, whatever a and b are
  unsigned difference = 0;
  for (std::size_t i = 0; i < left.size(); ++i) difference |= static_cast<unsigned>(left[i] ^ right[i]);
  return difference == 0;
}

std::string read_token(const std::string& path) {
  const std::string text = read_text(path);
  const auto lines = lines_of(text);
  const std::string_view token = lines.empty() ? std::string_view() : lines[0];
  if (token.size() < kShortestToken || token.find_first_of(" \t") != token.npos)
    throw Error("token is not usable", path,
                "a first line of " + std::to_string(kShortestToken) + " characters or more without blanks");
  const auto others = std::filesystem::perms::others_all;
  if ((std::filesystem::status(path).permissions() & others) != std::filesystem::perms::none)
    throw Error("token may be read by other users", path, "permissions like 600 or 640");
  return std::string(token);
}

bool HttpGate::is_known_host(std::string_view host) const {
  const std::string name = lower_case(without_port(host));
  const auto is_name = [&](const auto& known) { return name == known; };
  if (std::any_of(access_.hosts.begin(), access_.hosts.end(), is_name)) return true;
  if (access_.hosts.empty() && !check_host_) return true;
  return std::any_of(kLoopbackNames.begin(), kLoopbackNames.end(), is_name);
}

bool HttpGate::is_known_origin(const HttpRequest& request, std::string_view origin) const {
  if (std::find(access_.origins.begin(), access_.origins.end(), origin) != access_.origins.end()) return true;
  const auto scheme = origin.find("://");
  return scheme != origin.npos && origin.substr(scheme + 3) == request.field("Host");
}

bool HttpGate::has_token(const HttpRequest& request) const {
  constexpr std::string_view kScheme = "bearer ";
  const auto given = request.field("Authorization");
  return given.size() > kScheme.size() && lower_case(given.substr(0, kScheme.size())) == kScheme &&
         equal_in_constant_time(given.substr(kScheme.size()), access_.token);
}

std::optional<HttpAnswer> HttpGate::refused(const HttpRequest& request, bool open) const {
  const auto hosts = std::count_if(request.fields.begin(), request.fields.end(),
                                   [](const auto& field) { return lower_case(field.first) == "host"; });
  if (hosts != 1) return error_answer(400, "expected one Host, got " + std::to_string(hosts));
  if (!is_known_host(request.field("Host")))
    return error_answer(403, "this server is not " + std::string(request.field("Host")));
  const auto origin = field_of(request.fields, "Origin");
  const bool foreign =
      origin ? !is_known_origin(request, *origin) : request.field("Sec-Fetch-Site") == "cross-site";
  // Following a link from elsewhere to the page is no danger.
  if (foreign && (request.method != "GET" || origin))
    return error_answer(403, "pages of other origins are refused");
  if (!access_.token.empty() && !open && !has_token(request)) return unauthorised();
  return std::nullopt;
}

HttpFields HttpGate::fields_for(const HttpRequest& request) const {
  HttpFields fields{{"X-Content-Type-Options", "nosniff"},
                    {"Referrer-Policy", "no-referrer"},
                    {"Cross-Origin-Opener-Policy", "same-origin"},
                    {"X-Frame-Options", "DENY"}};
  const auto origin = field_of(request.fields, "Origin");
  const bool named =
      origin && std::find(access_.origins.begin(), access_.origins.end(), *origin) != access_.origins.end();
  fields.emplace_back("Cross-Origin-Resource-Policy", named ? "cross-origin" : "same-origin");
  if (named) fields.emplace_back("Access-Control-Allow-Origin", std::string(*origin));
  if (!access_.origins.empty()) fields.emplace_back("Vary", "Origin");
  return fields;
}

HttpAnswer HttpGate::preflight(const std::vector<std::string>& methods) const {
  HttpAnswer answer{.status = 204};
  answer.fields.emplace_back("Allow", join(methods));
  if (access_.origins.empty()) return answer;
  answer.fields.emplace_back("Access-Control-Allow-Methods", join(methods));
  answer.fields.emplace_back("Access-Control-Allow-Headers",
                             "Authorization, Content-Type, Inference-Header-Content-Length");
  answer.fields.emplace_back("Access-Control-Max-Age", "600");
  return answer;
}

}  // namespace regard

#include "regard/http/route.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace regard {
namespace {

std::string_view take_segment(std::string_view& path) {
  const auto segment = path.substr(0, path.find('/', 1));
  path.remove_prefix(segment.size());
  return segment;
}

/// What the stars of a pattern stand for; none if the path is another one.
std::optional<std::vector<std::string>> matched(std::string_view pattern, std::string_view path) {
  std::vector<std::string> parts;
  while (!pattern.empty() && !path.empty()) {
    const auto wanted = take_segment(pattern), found = take_segment(path);
    if (wanted == "/*" && found.size() > 1)
      parts.emplace_back(found.substr(1));
    else if (wanted != found)
      return std::nullopt;
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return parts;
}

}  // namespace

HttpHandler at_once(std::function<HttpAnswer(const HttpRequest&)> answer) {
  return [answer = std::move(answer)](const HttpRequest& request, const HttpReply& reply) {
    reply(answer(request));
  };
}

FoundRoute find_route(std::span<const HttpRoute> routes, std::string_view method, std::string_view path) {
  FoundRoute found;
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  for (const auto& route : routes) {
    auto parts = matched(route.path, path);
    if (!parts) continue;
    if (route.method == wanted) return {&route, std::move(*parts), {}};
    found.methods.push_back(route.method);
    if (route.method == "GET") found.methods.emplace_back("HEAD");
  }
  return found;
}

bool takes(const HttpRoute& route, std::string_view media_type) {
  return std::any_of(route.types.begin(), route.types.end(), [&](std::string_view type) {
    if (!type.ends_with("/*")) return type == media_type;
    type.remove_suffix(1);
    return media_type.starts_with(type) && media_type.size() > type.size();
  });
}

}  // namespace regard

#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "regard/http/message.h"

namespace regard {

/// Answers a request by calling `reply`, at once or later. Called in the server's only thread, so that it
/// must be quick; what it throws is answered as by answer_of.
using HttpHandler = std::function<void(HttpRequest request, const HttpReply& reply)>;

/// A handler for what is answered within milliseconds.
HttpHandler at_once(std::function<HttpAnswer(const HttpRequest&)> answer);

/// What is answered where: a row of a server's table of routes.
struct HttpRoute {
  std::string method;  ///< GET, which also answers HEAD, or POST
  std::string path;    ///< "/v2/models/*": a star stands for one segment
  HttpHandler handle;
  std::vector<std::string> types = {};  ///< media types of the body that it takes: "image/*"; "": none
  bool open = false;                    ///< answered without the token as well
};

/// The result of a search for a route.
struct FoundRoute {
  const HttpRoute* route = nullptr;       ///< null: there is none
  std::vector<std::string> parts = {};    ///< what the stars stand for
  std::vector<std::string> methods = {};  ///< if there is none: methods with which there would be one
};

FoundRoute find_route(std::span<const HttpRoute> routes, std::string_view method, std::string_view path);

/// Whether the route takes bodies of this media type.
bool takes(const HttpRoute& route, std::string_view media_type);

}  // namespace regard

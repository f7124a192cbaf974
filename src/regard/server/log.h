#pragma once

#include <string>

#include "regard/core/json.h"
#include "regard/http/server.h"

/// Lines of JSON for logs; nothing of an image or of a query is in them.
namespace regard {

/// {"time", "level", "message", ...}, with a line feed.
std::string log_line(const std::string& level, const std::string& message, const Json& more = Json::object());

/// The line for a request: with method, path, status, bytes, milliseconds, the client's address and, if the
/// client sent a traceparent (W3C Trace Context), its trace and span.
std::string log_line(const HttpRecord& record);

}  // namespace regard

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "regard/http/message.h"
#include "regard/http/route.h"

namespace regard {

/// Who may come in.
struct HttpAccess {
  std::vector<std::string> hosts = {};    ///< names, without port, by which the server is called
  std::vector<std::string> origins = {};  ///< of pages elsewhere whose scripts may ask: "https://example.org"
  std::string token = {};                 ///< that requests must bear; empty: none
};

/// Decides about a request by its header, before its body is read. Pages of other origins are kept out, also
/// those whose name leads to this machine (DNS rebinding).
class HttpGate {
 public:
  /// Without `check_host` and without names in `hosts`, any host is right: for Unix sockets, and where a
  /// token is asked for.
  HttpGate(HttpAccess access, bool check_host) : access_(std::move(access)), check_host_(check_host) {}

  /// The answer to a request that is refused: 400, 401 or 403; none if it may go on. `open`: to a route
  /// that wants no token.
  std::optional<HttpAnswer> refused(const HttpRequest& request, bool open) const;

  /// The header fields that an answer to this request gets: for security, and for scripts of `origins`.
  HttpFields fields_for(const HttpRequest& request) const;
  /// The answer to an OPTIONS request, by which browsers ask beforehand.
  HttpAnswer preflight(const std::vector<std::string>& methods) const;

 private:
  bool is_known_host(std::string_view host) const;
  bool is_known_origin(const HttpRequest& request, std::string_view origin) const;
  bool has_token(const HttpRequest& request) const;

  HttpAccess access_;
  bool check_host_;
};

/// Compares in a time that does not depend on where the texts differ.
bool equal_in_constant_time(std::string_view a, std::string_view b);

/// The token in the first line of a file. Throws Error if it has fewer than 16 characters or blanks in it, or
/// if other users may read the file.
std::string read_token(const std::string& path);

}  // namespace regard

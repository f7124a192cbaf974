#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "regard/core/json.h"

/// Requests and answers of HTTP, independent of the library that transports them.
namespace regard {

/// Names and values of header fields; names are compared in any case.
using HttpFields = std::vector<std::pair<std::string, std::string>>;

/// The value of the first field with this name; none if there is none.
std::optional<std::string_view> field_of(const HttpFields& fields, std::string_view name);

/// A request. The path is decoded, the query is not.
struct HttpRequest {
  std::string method = {};              ///< GET, POST, ...
  std::string path = {};                ///< "/recognize"
  std::string query = {};               ///< what follows the question mark: "file=a%20b.jpg"
  HttpFields fields = {};               ///< of the header
  std::string body = {};                ///< without the chunks that it came in
  std::vector<std::string> parts = {};  ///< the segments of the path that the route's stars stand for
  std::string peer = {};                ///< the client's address; empty for a Unix socket

  /// The value of a header field, of none the empty text.
  std::string_view field(std::string_view name) const;
  /// The decoded value of a name in the query; none if the query lacks it. Throws Error if it is malformed.
  std::optional<std::string> asked(std::string_view name) const;
};

/// An answer. Length, date, connection and security are added by the server.
struct HttpAnswer {
  int status = 200;
  std::string type = {};  ///< of the body
  std::string body = {};
  HttpFields fields = {};
};

/// JSON and a line feed; text that is no UTF-8 is shown as U+FFFD.
HttpAnswer json_answer(const Json& json, int status = 200);
/// {"error": text}.
HttpAnswer error_answer(int status, const std::string& text);
/// 503 with Retry-After.
HttpAnswer busy_answer(const std::string& text, int retry_seconds = 1);

/// Bytes as the body of an answer.
inline std::string body_of(std::span<const std::uint8_t> bytes) {
  return {bytes.begin(), bytes.end()};
}

/// The answer that `work` returns. What it throws becomes an answer as well: 400 for an Error, since the
/// request must have been wrong, 500 for anything else.
HttpAnswer answer_of(const std::function<HttpAnswer()>& work);

/// By which a request is answered, from any thread, once; further answers are dropped. If all copies are
/// destroyed without an answer, the client gets status 500. No copy may outlive the server.
class HttpReply {
 public:
  HttpReply(std::function<void(HttpAnswer)> send, std::function<bool()> abandoned)
      : send_(std::move(send)), abandoned_(std::move(abandoned)) {}

  void operator()(HttpAnswer answer) const { send_(std::move(answer)); }
  /// Whether nobody waits any more: the client has closed the connection, or the answer is overdue.
  bool abandoned() const { return abandoned_(); }

 private:
  std::function<void(HttpAnswer)> send_;
  std::function<bool()> abandoned_;
};

/// The media type of a Content-Type, in lower case and without its parameters: "image/png".
std::string media_type(std::string_view content_type);
/// A parameter of a header field, unquoted: the boundary in "multipart/form-data; boundary=x".
std::optional<std::string> parameter_of(std::string_view field, std::string_view name);

/// With %XX decoded. Throws Error for an incomplete one and for a zero byte; `where` names the text.
std::string percent_decoded(std::string_view text, const std::string& where);

}  // namespace regard

#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "regard/http/gate.h"
#include "regard/http/options.h"
#include "regard/http/route.h"

namespace regard {

/// Where a server listens: at a TCP port, or at a Unix socket if there is a path.
struct HttpAddress {
  std::string host = "127.0.0.1";  ///< by number
  int port = 0;                    ///< 0: any free one
  std::string path = {};  ///< of the socket, which only this user may connect to; replaces a dead one
};

/// A request that has been answered, for logs and measurements. Nothing of its body is in it.
struct HttpRecord {
  std::string method = {}, path = {};  ///< empty if there was no readable header
  std::string route = {};              ///< the pattern that the path fits; empty if it fits none
  int status = 0;                      ///< 499 if the client has gone before the answer
  std::size_t received = 0, sent = 0;  ///< bytes of the bodies
  double seconds = 0;                  ///< from the end of the header to the end of the answer
  std::string peer = {}, traceparent = {};
};

/// A server of HTTP/1.1 that bounds what clients can take: connections, bytes, time. Requests that break the
/// rules get a clear 4xx; see HttpOptions for the limits. Everything runs in the thread of `run`.
class HttpServer {
 public:
  /// Listens, so that clients wait until `run`. Throws Error if the address is in use or malformed, or if it
  /// is not this machine's own and `access` has no token.
  HttpServer(const HttpAddress& address, HttpAccess access, const HttpOptions& options);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const;
  /// "http://127.0.0.1:8018/"; the path of a socket.
  std::string url() const;

  /// Called in the thread of `run`; both are set before it.
  void on_signal(int signal, std::function<void()> handle);
  void on_answer(std::function<void(const HttpRecord&)> note);

  /// Answers requests until `stop`, and those that were accepted by then. What is not answered when
  /// HttpOptions::drain_time is over is dropped.
  void run(std::vector<HttpRoute> routes);
  /// From any thread.
  void stop();

  /// Connections that are open. From any thread.
  std::size_t connections() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace regard

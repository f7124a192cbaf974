// Any bytes that a client sends end in answers with a status that a client's mistake may have, and never in
// 500: from the socket through the parser, the gate, the routes and their handlers to recognition. Images of
// more than 256 pixels are refused, so that a run takes milliseconds.

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <future>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

#include "regard/core/output_file.h"
#include "regard/http/server.h"
#include "regard/server/service.h"

namespace {

using regard::HttpAnswer;
using regard::HttpReply;
using regard::HttpRequest;

[[noreturn]] void report(const std::string& text) {
  std::cerr << text << std::endl;
  std::abort();
}

/// A handler that returns after the answer, so that it does not matter that the client says nothing more
/// meanwhile.
regard::HttpHandler waiting(regard::HttpHandler handle) {
  return [handle = std::move(handle)](HttpRequest request, const HttpReply& reply) {
    const auto promise = std::make_shared<std::promise<HttpAnswer>>();
    handle(std::move(request),
           {[promise](HttpAnswer answer) { promise->set_value(std::move(answer)); }, [] { return false; }});
    reply(promise->get_future().get());
  };
}

/// The server at a Unix socket, in a thread of its own.
class FuzzedServer {
 public:
  FuzzedServer() : path_("/tmp/regard-fuzz-" + std::to_string(getpid())) {
    server_.on_answer([this](const regard::HttpRecord& record) {
      if (record.status == 500) report("answered with 500: " + record.path);
      service_.note(record);
    });
    service_.model()->explainer();  // which the first request for it would wait for
    auto routes = service_.routes(server_);
    for (auto& route : routes) route.handle = waiting(std::move(route.handle));
    thread_ = std::jthread([this, routes = std::move(routes)] { server_.run(routes); });
  }
  ~FuzzedServer() { server_.stop(); }
  FuzzedServer(const FuzzedServer&) = delete;
  FuzzedServer& operator=(const FuzzedServer&) = delete;

  /// Sends the bytes, and nothing more; what is answered until the server closes the connection.
  std::string answers(const std::uint8_t* data, std::size_t size) const {
    const regard::Descriptor client(socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.c_str(), path_.size());
    if (connect(client.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      report("cannot connect");
    send(client.get(), data, size, MSG_NOSIGNAL);
    shutdown(client.get(), SHUT_WR);
    std::string text, part(65536, '\0');
    for (ssize_t got = 0; (got = recv(client.get(), part.data(), part.size(), 0)) > 0;)
      text.append(part, 0, static_cast<std::size_t>(got));
    return text;
  }

 private:
  std::string path_;
  regard::HttpServer server_{{.path = path_}, {}, {}};
  regard::RecognitionService service_{
      "",
      {},
      {.jobs = 1,
       .queue = 4,
       .max_pixels = 256,
       .formats = {"JPEG", "PNG", "WebP", "TIFF", "AVIF", "HEIC", "GIF", "BMP"}}};
  std::jthread thread_;
};

const FuzzedServer& server() {
  static const FuzzedServer kServer;
  return kServer;
}

}  // namespace

// Loading the model is no part of the first run, whose time is limited.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  server();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = server().answers(data, size);
  if (!text.empty() && !text.starts_with("HTTP/1.1 ")) report("no answer: " + text);
  return 0;
}

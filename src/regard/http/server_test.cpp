#include "regard/http/server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <thread>

#include "regard/core/output_file.h"
#include "tests/support.h"

namespace regard {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using namespace std::chrono_literals;

/// A connection that sends what it is told to.
class RawClient {
 public:
  explicit RawClient(int port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    if (connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      throw Error("cannot connect");
  }

  void send(std::string_view text) const { ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL); }
  /// Up to the given end of the text, or to the end of the connection.
  std::string receive(std::string_view end = {}) const {
    std::string text;
    char next = 0;
    while ((end.empty() || !text.ends_with(end)) && recv(socket_.get(), &next, 1, 0) == 1) text += next;
    return text;
  }
  void close() { socket_ = Descriptor(); }

 private:
  Descriptor socket_;
};

/// A server in a thread of its own: /echo answers with the body, /hold keeps the reply.
class RunningServer {
 public:
  explicit RunningServer(const HttpOptions& options = {}) : server_({}, {}, options) {
    server_.on_answer([this](const HttpRecord& record) {
      const std::lock_guard lock(mutex_);
      records_.push_back(record);
    });
    thread_ = std::jthread([this] { server_.run(routes()); });
  }
  ~RunningServer() {
    release();
    server_.stop();
  }

  int port() const { return server_.port(); }
  std::string ask(const std::string& request) const {
    const RawClient client(port());
    client.send(request);
    return client.receive();
  }
  HttpServer& server() { return server_; }
  void join() { thread_.join(); }

  /// The replies of /hold, once there are as many.
  std::vector<HttpReply> held(std::size_t count) {
    for (int i = 0; i < 500; ++i) {
      if (const std::lock_guard lock(mutex_); held_.size() >= count) return held_;
      std::this_thread::sleep_for(10ms);
    }
    throw Error("request did not arrive");
  }
  void release() {
    const std::lock_guard lock(mutex_);
    held_.clear();
  }
  std::vector<HttpRecord> records() {
    const std::lock_guard lock(mutex_);
    return records_;
  }

 private:
  std::vector<HttpRoute> routes() {
    const auto echo = [](HttpRequest request, const HttpReply& reply) {
      reply({.type = "text/plain", .body = std::move(request.body)});
    };
    const auto hold = [this](const HttpRequest&, const HttpReply& reply) {
      const std::lock_guard lock(mutex_);
      held_.push_back(reply);
    };
    return {{"POST", "/echo", echo, {"text/plain"}}, {"GET", "/hold", hold}};
  }

  HttpServer server_;
  std::mutex mutex_;
  std::vector<HttpReply> held_;
  std::vector<HttpRecord> records_;
  std::jthread thread_;
};

std::string echo_request(const std::string& body, const std::string& fields = {}) {
  return "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n" + fields +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST(HttpServerTest, RequestsOfOneConnectionAreAnsweredInOrder) {
  const RunningServer running;
  const RawClient client(running.port());
  client.send(echo_request("1st") + echo_request("2nd"));
  EXPECT_THAT(client.receive("1st"),
              AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("Content-Length: 3\r\n"),
                    HasSubstr("X-Content-Type-Options: nosniff\r\n")));
  EXPECT_THAT(client.receive("2nd"), StartsWith("HTTP/1.1 200"));
  client.send(
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nTransfer-Encoding: "
      "chunked\r\n\r\n"
      "2\r\n3r\r\n1\r\nd\r\n0\r\n\r\n");
  EXPECT_THAT(client.receive("3rd"), HasSubstr("Content-Length: 3\r\n"));
  client.send(echo_request("last", "Connection: close\r\n"));
  EXPECT_THAT(client.receive(), AllOf(HasSubstr("Connection: close\r\n"), HasSubstr("\r\n\r\nlast")));
}

TEST(HttpServerTest, WrongRequestsGetAnAnswer) {
  const RunningServer running({.max_header = 512, .max_body = 1000});
  const std::string start = "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n";
  const std::vector<std::pair<std::string, int>> cases{
      {"hello\r\n\r\n", 400},
      {"GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
      {"GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
      {"GET /hold HTTP/1.1\r\n\r\n", 400},
      {"GET /hold HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403},
      {"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n", 404},
      {"GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n", 405},
      {start + "\r\n", 411},
      {start + "Content-Length: 1001\r\n\r\n", 413},
      {start + "Transfer-Encoding: chunked\r\n\r\n3e9\r\n" + std::string(1001, 'x') + "\r\n0\r\n\r\n", 413},
      {"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: 1\r\n\r\nx",
       415},
      {start + "Content-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx", 415},
      {start + "Expect: money\r\nContent-Length: 1\r\n\r\nx", 417},
      {"GET /hold HTTP/1.1\r\nHost: localhost\r\nx: " + std::string(600, 'x') + "\r\n\r\n", 431},
      // Two ways to say where the body ends, by which requests are smuggled past a proxy.
      {start + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {start + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400},
      {start + "Transfer-Encoding: chunked\r\n\r\n-2\r\nab\r\n0\r\n\r\n", 400},
      {start + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nab\r\n0\r\n\r\n", 400},
      {start + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501}};
  for (const auto& [request, status] : cases)
    EXPECT_THAT(running.ask(request), StartsWith("HTTP/1.1 " + std::to_string(status)))
        << request.substr(0, 200);
  EXPECT_THAT(running.ask(echo_request("after all that", "Connection: close\r\n")),
              HasSubstr("after all that"));
}

TEST(HttpServerTest, MethodsAreNamed) {
  const RunningServer running;
  EXPECT_THAT(running.ask("PUT /hold HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
              HasSubstr("Allow: GET, HEAD\r\n"));
  EXPECT_THAT(
      running.ask("OPTIONS /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
      AllOf(StartsWith("HTTP/1.1 204"), HasSubstr("Allow: POST\r\n"), Not(HasSubstr("Access-Control"))));
}

TEST(HttpServerTest, BodiesAreAskedForAfterTheHeaderIsChecked) {
  const RunningServer running;
  const RawClient client(running.port());
  client.send(
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n"
      "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.receive("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("abc");
  EXPECT_THAT(client.receive("abc"), StartsWith("HTTP/1.1 200"));
  const RawClient refused(running.port());
  refused.send(
      "POST /nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(refused.receive("\r\n"), StartsWith("HTTP/1.1 404"));
}

TEST(HttpServerTest, SlowClientsAreCutOff) {
  const RunningServer running({.header_time = 1, .body_time = 1});
  const auto dripped = [&](const std::string& text) {
    const RawClient client(running.port());
    const std::jthread drip([&](const std::stop_token& stop) {
      for (std::size_t i = 0; i < text.size() && !stop.stop_requested(); ++i) {
        client.send(text.substr(i, 1));
        std::this_thread::sleep_for(10ms);
      }
    });
    return client.receive("\r\n");
  };
  const auto start = std::chrono::steady_clock::now();
  EXPECT_THAT(dripped("GET /hold HTTP/1.1\r\nHost: localhost\r\nx: " + std::string(1000, 'x')),
              StartsWith("HTTP/1.1 408"));
  const RawClient hanging(running.port());
  hanging.send(
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nx");
  EXPECT_THAT(hanging.receive(), AllOf(StartsWith("HTTP/1.1 408"), HasSubstr("body did not arrive in time")));
  EXPECT_EQ(RawClient(running.port()).receive(), "") << "one that says nothing gets no answer";
  EXPECT_LT(std::chrono::steady_clock::now() - start, 10s);
}

TEST(HttpServerTest, RepliesOfClientsThatHaveGoneAreAbandoned) {
  RunningServer running;
  RawClient client(running.port());
  client.send("GET /hold HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto reply = running.held(1).at(0);
  EXPECT_FALSE(reply.abandoned());
  client.close();
  for (int i = 0; i < 500 && !reply.abandoned(); ++i) std::this_thread::sleep_for(10ms);
  EXPECT_TRUE(reply.abandoned());
  for (int i = 0; i < 500 && running.records().empty(); ++i) std::this_thread::sleep_for(10ms);
  ASSERT_EQ(running.records().size(), 1u);
  EXPECT_EQ(running.records()[0].status, 499);
  EXPECT_EQ(running.records()[0].route, "/hold");
  reply({.body = "too late"});
}

TEST(HttpServerTest, AReplyThatIsDroppedIsAnswered) {
  RunningServer running;
  const RawClient client(running.port());
  client.send("GET /hold HTTP/1.1\r\nHost: localhost\r\n\r\n");
  running.held(1);
  running.release();
  EXPECT_THAT(client.receive("\r\n"), StartsWith("HTTP/1.1 500"));
}

TEST(HttpServerTest, LateAnswersBecome503) {
  RunningServer running({.answer_time = 1});
  const RawClient client(running.port());
  client.send("GET /hold HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(client.receive("\r\n\r\n"), AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("Retry-After: 1\r\n")));
  EXPECT_TRUE(running.held(1).at(0).abandoned());
}

TEST(HttpServerTest, BodiesShareTheirMemory) {
  const RunningServer running({.max_body = 10000, .max_bodies = 10000});
  const RawClient first(running.port());
  const std::string request = echo_request(std::string(9000, 'x'));
  first.send(request.substr(0, request.size() - 1));
  std::string answer;
  for (int i = 0; i < 500 && !answer.starts_with("HTTP/1.1 503"); ++i) {  // until the first has arrived
    std::this_thread::sleep_for(10ms);
    answer = running.ask(echo_request(std::string(2000, 'y'), "Connection: close\r\n"));
  }
  EXPECT_THAT(answer, HasSubstr("too many large requests"));
  first.send("x");
  EXPECT_THAT(first.receive("\r\n"), StartsWith("HTTP/1.1 200"));
}

TEST(HttpServerTest, FurtherConnectionsAreTurnedAway) {
  const RunningServer running({.max_connections = 2});
  const RawClient one(running.port()), two(running.port());
  EXPECT_THAT(RawClient(running.port()).receive(),
              AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("Retry-After")));
  one.send(echo_request("1st"));
  EXPECT_THAT(one.receive("1st"), StartsWith("HTTP/1.1 200"));
}

TEST(HttpServerTest, StoppingAnswersWhatWasAccepted) {
  RunningServer running;
  const RawClient client(running.port()), idle(running.port());
  client.send("GET /hold HTTP/1.1\r\nHost: localhost\r\n\r\n");
  auto reply = std::make_optional(running.held(1).at(0));
  running.server().stop();
  EXPECT_EQ(idle.receive(), "");
  EXPECT_THROW(RawClient{running.port()}, Error);
  (*reply)({.type = "text/plain", .body = "done"});
  EXPECT_THAT(client.receive(),
              AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("Connection: close"), HasSubstr("done")));
  running.join();
}

TEST(HttpServerTest, StoppingEndsWhenItsTimeIsOver) {
  RunningServer running({.drain_time = 1});
  const RawClient client(running.port());
  client.send("GET /hold HTTP/1.1\r\nHost: localhost\r\n\r\n");
  running.held(1);
  running.server().stop();
  EXPECT_EQ(client.receive(), "");
  running.join();
}

TEST(HttpServerTest, OnlyThisMachineWithoutAToken) {
  EXPECT_THAT(test::error_of([] { HttpServer({.host = "0.0.0.0"}, {}, {}); }), HasSubstr("without a token"));
  EXPECT_THAT(test::error_of([] { HttpServer({.host = "example.org"}, {}, {}); }),
              HasSubstr("is no address"));
  const HttpServer server({.host = "0.0.0.0"}, {.token = "0123456789abcdef"}, {});
  EXPECT_GT(server.port(), 0);
  EXPECT_THAT(test::error_of([&] { HttpServer({.port = server.port()}, {}, {}); }),
              HasSubstr(std::to_string(server.port()) + ": port cannot be listened to"));
}

TEST(HttpServerTest, UnixSocketsReplaceDeadOnesOnly) {
  const test::TemporaryFolder folder;
  const std::string path = folder / "socket";
  {
    const Descriptor dead(socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(bind(dead.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  {
    const HttpServer server({.path = path}, {}, {});
    EXPECT_EQ(server.url(), path);
    EXPECT_THAT(test::error_of([&] { HttpServer({.path = path}, {}, {}); }),
                HasSubstr("cannot be listened to"));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace regard

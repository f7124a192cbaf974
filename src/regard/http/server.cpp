// Clang 14 has coroutines, but does not say so as Boost and libstdc++ expect.
#if defined(__clang__) && __clang_major__ < 15
#define __cpp_impl_coroutine 201902L  // NOLINT(bugprone-reserved-identifier)
#define BOOST_ASIO_HAS_CO_AWAIT 1
#define BOOST_ASIO_HAS_STD_COROUTINE 1
#endif

#include "regard/http/server.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>  // which <boost/asio/awaitable.hpp> of Boost 1.74 lacks
//
#include <algorithm>
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <ctime>
#include <map>
#include <optional>
#include <set>

#include "regard/core/text.h"

// All of Boost.Beast and Asio is in this file: it takes long to compile.

namespace regard {
namespace {

namespace net = boost::asio;
namespace http = boost::beast::http;
using Protocol = net::generic::stream_protocol;
using Socket = Protocol::socket;
using Acceptor = net::basic_socket_acceptor<Protocol>;
using Parser = http::request_parser<http::string_body>;
using Code = boost::system::error_code;
using Clock = std::chrono::steady_clock;
using std::chrono::seconds;
template <class T>
using Task = net::awaitable<T>;

constexpr std::size_t kReadBuffer = 64 * 1024;
constexpr auto kPoll = std::chrono::milliseconds(100);
constexpr std::size_t kMostDropped = 1024 * 1024;
constexpr seconds kDropTime{2};
constexpr int kGone = 499;

std::string http_date() {
  return utc_text(std::time(nullptr), "%a, %d %b %Y %H:%M:%S GMT");
}

/// The answer to a request that could not be read; none where nobody waits for one.
std::optional<HttpAnswer> answer_to(const Code& error, const HttpOptions& options) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return error_answer(431, "header is longer than " + std::to_string(options.max_header) + " bytes");
  if (error == http::error::body_limit)
    return error_answer(413, "body is longer than " + std::to_string(options.max_body) + " bytes");
  if (error == http::error::end_of_stream || error == http::error::partial_message) return std::nullopt;
  if (error.category() == http::make_error_code(http::error::bad_method).category())
    return error_answer(400, "request is malformed: " + error.message());
  return std::nullopt;
}

/// Of an endpoint that is no Unix socket.
net::ip::address ip_of(const Protocol::endpoint& endpoint) {
  net::ip::tcp::endpoint tcp;
  tcp.resize(endpoint.size());
  std::copy_n(reinterpret_cast<const char*>(endpoint.data()), endpoint.size(),
              reinterpret_cast<char*>(tcp.data()));
  return tcp.address();
}

bool is_loopback(const Protocol::endpoint& endpoint) {
  return endpoint.data()->sa_family == AF_UNIX || ip_of(endpoint).is_loopback();
}

std::string address_text(const Protocol::endpoint& endpoint) {
  if (endpoint.size() == 0 || endpoint.data()->sa_family == AF_UNIX) return {};
  return ip_of(endpoint).to_string();
}

class Connection;

/// What the connections share. It is used in one thread, but for `count`.
struct Shared {
  const HttpOptions options;
  const HttpGate gate;
  net::io_context io{1};
  std::vector<HttpRoute> routes = {};
  std::function<void(const HttpRecord&)> note = {};
  bool stopping = false;
  std::int64_t held = 0;  // bytes of bodies
  std::set<Connection*> connections = {};
  std::map<std::string, int> by_address = {};
  std::atomic<std::size_t> count = 0;
};

/// A part of the bytes that all bodies may take together.
class BodyShare {
 public:
  explicit BodyShare(Shared& shared) : shared_(shared) {}
  ~BodyShare() { shared_.held -= taken_; }
  BodyShare(const BodyShare&) = delete;
  BodyShare& operator=(const BodyShare&) = delete;

  /// False if there is no room for so many.
  bool grow_to(std::size_t bytes) {
    const auto more = static_cast<std::int64_t>(bytes) - taken_;
    if (shared_.held + more > shared_.options.max_bodies) return false;
    shared_.held += more, taken_ += more;
    return true;
  }

 private:
  Shared& shared_;
  std::int64_t taken_ = 0;
};

/// Ends what a socket waits for when its time is over. It is asked to end again and again, since something
/// new may have begun at just that moment.
class Deadline : public std::enable_shared_from_this<Deadline> {
 public:
  explicit Deadline(Socket& socket) : socket_(&socket), timer_(socket.get_executor()) {}

  void set(Clock::duration time) {
    over_ = false;
    arm(Clock::now() + time);
  }
  void clear() {
    ++turn_;
    timer_.cancel();
  }
  /// The socket is about to be destroyed.
  void leave() {
    ++turn_;
    socket_ = nullptr;
  }
  bool is_over() const { return over_; }

 private:
  void arm(Clock::time_point when) {
    timer_.expires_at(when);
    timer_.async_wait([self = shared_from_this(), turn = ++turn_](Code error) {
      if (!error && turn == self->turn_) self->expire();
    });
  }
  void expire() {
    over_ = true;
    Code ignored;
    if (socket_) socket_->cancel(ignored);
    arm(Clock::now() + kPoll);
  }

  Socket* socket_;
  net::steady_timer timer_;
  unsigned turn_ = 0;
  bool over_ = false;
};

/// What so many bytes take at the lowest rate that is allowed.
Clock::duration transfer_time(std::size_t bytes, const HttpOptions& options) {
  return std::chrono::milliseconds(1000 * static_cast<std::int64_t>(bytes) / options.min_rate);
}

/// Where the answer to a request arrives, from any thread.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  explicit Exchange(net::io_context& io) : io_(io), timer_(io) {}

  HttpReply reply() {
    const auto guard = std::make_shared<Guard>(shared_from_this());
    return {[guard](HttpAnswer answer) { guard->exchange->send(std::move(answer)); },
            [guard] { return guard->exchange->abandoned_.load(); }};
  }

  /// The answer; none if it does not come in time or if `abandon` is called.
  Task<std::optional<HttpAnswer>> wait(seconds time) {
    Code error;
    timer_.expires_after(time);
    if (!answer_ && !abandoned_) co_await timer_.async_wait(net::redirect_error(net::use_awaitable, error));
    over_ = abandoned_ = true;
    co_return std::move(answer_);
  }
  void abandon() {
    abandoned_ = true;
    timer_.cancel();
  }
  /// Notes that nobody waits for the answer, if it has not come already.
  void lose_client() {
    if (over_) return;
    client_is_gone_ = true;
    abandon();
  }
  bool client_is_gone() const { return client_is_gone_; }

 private:
  /// Answers with 500 when the last copy of a reply is gone.
  struct Guard {
    explicit Guard(std::shared_ptr<Exchange> of) : exchange(std::move(of)) {}
    ~Guard() { exchange->send(error_answer(500, "request was dropped")); }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;
    std::shared_ptr<Exchange> exchange;
  };

  void send(HttpAnswer answer) {
    if (sent_.exchange(true)) return;
    net::post(io_, [self = shared_from_this(), answer = std::move(answer)]() mutable {
      self->answer_ = std::move(answer);
      self->timer_.cancel();
    });
  }

  net::io_context& io_;
  net::steady_timer timer_;
  std::optional<HttpAnswer> answer_;
  std::atomic<bool> sent_ = false, abandoned_ = false;
  bool over_ = false, client_is_gone_ = false;
};

/// The answer to a request whose body does not fit its route, by its header; none if it does.
std::optional<HttpAnswer> check_body_fields(const HttpRoute& route, const HttpRequest& request,
                                            const Parser& parser) {
  const bool has_length = parser.content_length().has_value();
  const bool empty = !parser.chunked() && parser.content_length().value_or(0) == 0;
  const std::string coding = lower_case(request.field("Content-Encoding"));
  const std::string type = media_type(request.field("Content-Type"));
  const std::string expected = lower_case(request.field("Expect"));
  if (parser.get().count(http::field::transfer_encoding) > 0 &&
      lower_case(request.field("Transfer-Encoding")) != "chunked")
    return error_answer(501, "expected no transfer coding but chunked");
  if (!expected.empty() && expected != "100-continue")
    return error_answer(417, "expected no Expect but 100-continue");
  if (route.method != "POST")
    return empty ? std::nullopt : std::optional(error_answer(400, request.method + " has no body here"));
  if (!parser.chunked() && !has_length) return error_answer(411, "expected Content-Length");
  if (!coding.empty() && coding != "identity")
    return error_answer(415, "expected a body without content coding");
  if (takes(route, type) || (empty && type.empty())) return std::nullopt;
  std::vector<std::string> named = route.types;
  std::erase(named, "");
  return error_answer(
      415, "expected Content-Type " + join(named, " or ") + ", got " + (type.empty() ? "none" : type));
}

/// The answer to a path that has no route for the method.
HttpAnswer no_route(const std::string& path, const std::vector<std::string>& methods) {
  if (methods.empty()) return error_answer(404, "nothing at " + path);
  HttpAnswer answer = error_answer(405, path + " takes " + join(methods));
  answer.fields.emplace_back("Allow", join(methods));
  return answer;
}

/// Reads one request from a socket. An answer instead of a request has status 0 where nobody waits for it.
class Incoming {
 public:
  Incoming(Shared& shared, Socket& socket, boost::beast::flat_buffer& buffer, Deadline& deadline)
      : share_(shared), shared_(shared), socket_(socket), buffer_(buffer), deadline_(deadline) {
    parser_.header_limit(static_cast<std::uint32_t>(shared.options.max_header));
    parser_.body_limit(static_cast<std::uint64_t>(shared.options.max_body));
  }

  Task<std::optional<HttpAnswer>> read_header() {
    Code error;
    deadline_.set(seconds(shared_.options.header_time));
    co_await http::async_read_header(socket_, buffer_, parser_,
                                     net::redirect_error(net::use_awaitable, error));
    deadline_.clear();
    if (error && error != http::error::body_limit) co_return failure(error, "header did not arrive in time");
    const auto& message = parser_.get();
    request.method = std::string(message.method_string());
    for (const auto& field : message)
      request.fields.emplace_back(std::string(field.name_string()), std::string(field.value()));
    auto wrong = set_target(std::string(message.target()));
    if (error && !wrong) co_return failure(error, "");
    co_return wrong;
  }

  /// The answer to a request that is refused before its body is read, else its route.
  std::optional<HttpAnswer> find(const HttpRoute*& route) {
    auto found = find_route(shared_.routes, request.method, request.path);
    route = found.route;
    if (request.method == "OPTIONS" && !found.methods.empty()) return shared_.gate.preflight(found.methods);
    if (auto refused = shared_.gate.refused(request, route && route->open)) return refused;
    if (!route) return no_route(request.path, found.methods);
    request.parts = std::move(found.parts);
    return check_body_fields(*route, request, parser_);
  }

  Task<std::optional<HttpAnswer>> read_body() {
    const auto start = Clock::now();
    const seconds time(shared_.options.body_time);
    Code error;
    deadline_.set(time);
    if (!request.field("Expect").empty() && !parser_.is_done())
      co_await net::async_write(socket_, net::buffer(kContinue),
                                net::redirect_error(net::use_awaitable, error));
    while (!error && !parser_.is_done()) {
      co_await http::async_read_some(socket_, buffer_, parser_,
                                     net::redirect_error(net::use_awaitable, error));
      if (!share_.grow_to(received())) co_return busy_answer("too many large requests");
      if (!deadline_.is_over())
        deadline_.set(start + time + transfer_time(received(), shared_.options) - Clock::now());
    }
    deadline_.clear();
    if (error) co_return failure(error, "body did not arrive in time");
    size_ = received();
    request.body = std::move(parser_.get().body());
    complete_ = true;
    co_return std::nullopt;
  }

  bool is_complete() const { return complete_; }
  /// Whether the client wants to go on with this connection.
  bool keeps_alive() const { return parser_.get().version() == 11 && parser_.get().keep_alive(); }
  std::size_t received() const { return complete_ ? size_ : parser_.get().body().size(); }

  HttpRequest request = {};

 private:
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

  /// The end of the deadline as an answer, else what the error says.
  HttpAnswer failure(const Code& error, const char* late) const {
    if (deadline_.is_over()) return error_answer(408, late);
    return answer_to(error, shared_.options).value_or(HttpAnswer{.status = 0});
  }

  std::optional<HttpAnswer> set_target(const std::string& target) {
    if (!target.starts_with('/')) return error_answer(400, "expected a path that begins with /");
    const auto question = target.find('?');
    if (question != target.npos) request.query = target.substr(question + 1);
    try {
      request.path = percent_decoded(target.substr(0, question), "path");
    } catch (const Error& error) {
      return error_answer(400, error.what());
    }
    return std::nullopt;
  }

  BodyShare share_;
  Shared& shared_;
  Socket& socket_;
  boost::beast::flat_buffer& buffer_;
  Deadline& deadline_;
  Parser parser_;
  std::size_t size_ = 0;
  bool complete_ = false;
};

/// Notices while a request is worked on that its client closes the connection. `owner`: of the socket.
void watch_for_end(std::shared_ptr<void> owner, Socket& socket, std::shared_ptr<Exchange> exchange) {
  socket.async_wait(Socket::wait_read, [owner, &socket, exchange](Code error) {
    if (error) return;
    char next = 0;
    const bool more =
        recv(socket.native_handle(), &next, 1, MSG_PEEK | MSG_DONTWAIT) > 0;  // the next request
    if (!more) exchange->lose_client();
  });
}

http::response<http::string_body> response_of(HttpAnswer answer, const HttpFields& fields, bool keep,
                                              bool head) {
  http::response<http::string_body> response(static_cast<http::status>(answer.status), 11);
  response.set(http::field::date, http_date());
  response.set(http::field::cache_control, "no-store");
  response.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  const HttpFields& own = answer.fields;
  for (const auto* more : {&fields, &own})
    for (const auto& [name, value] : *more) response.set(name, value);
  if (!answer.type.empty()) response.set(http::field::content_type, answer.type);
  response.keep_alive(keep);
  if (answer.status != 204) response.content_length(answer.body.size());
  if (!head) response.body() = std::move(answer.body);
  return response;
}

void call(const HttpRoute& route, HttpRequest request, const HttpReply& reply) {
  try {
    route.handle(std::move(request), reply);
  } catch (...) {
    reply(answer_of([]() -> HttpAnswer { throw; }));
  }
}

/// Reads what a refused client still sends, up to a limit: closing at once would make the answer disappear.
Task<void> drop_rest(Socket& socket) {
  std::string dropped(kReadBuffer, '\0');
  Code error;
  for (std::size_t total = 0; !error && total < kMostDropped;)
    total +=
        co_await socket.async_read_some(net::buffer(dropped), net::redirect_error(net::use_awaitable, error));
}

/// One client: its requests, one after the other.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Shared& shared, Socket socket, std::string peer)
      : shared_(shared),
        socket_(std::move(socket)),
        peer_(std::move(peer)),
        deadline_(std::make_shared<Deadline>(socket_)) {
    ++shared_.count;
    shared_.connections.insert(this);
    if (!peer_.empty()) ++shared_.by_address[peer_];
  }
  ~Connection() {  // NOLINT(bugprone-exception-escape): nothing of this throws
    --shared_.count;
    shared_.connections.erase(this);
    const auto same = shared_.by_address.find(peer_);
    if (same != shared_.by_address.end() && --same->second == 0) shared_.by_address.erase(same);
    deadline_->leave();
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  static Task<void> run(std::shared_ptr<Connection> self) {
    for (int i = 1; co_await self->begins(i == 1); ++i) {
      self->last_ = i >= self->shared_.options.requests_per_connection;
      if (!co_await self->serve_one()) break;
    }
    co_await self->close();
  }

  /// Answers with 503, whatever is asked.
  static Task<void> turn_away(std::shared_ptr<Connection> self) {
    self->unread_ = true;
    co_await self->write(busy_answer("too many connections"), {});
    co_await self->close();
  }

  /// Ends a connection on which no request has begun.
  void end_if_idle() {
    Code ignored;
    if (idle_) socket_.cancel(ignored);
  }
  void abort() {
    Code ignored;
    socket_.close(ignored);
    if (exchange_) exchange_->abandon();
  }

 private:
  /// Waits for the next request. False if there is none.
  Task<bool> begins(bool first) {
    if (shared_.stopping && !first) co_return false;
    if (buffer_.size() > 0) co_return true;
    Code error;
    idle_ = true;
    deadline_->set(seconds(first ? shared_.options.header_time : shared_.options.idle_time));
    co_await socket_.async_wait(Socket::wait_read, net::redirect_error(net::use_awaitable, error));
    deadline_->clear();
    idle_ = false;
    co_return !error;
  }

  /// Reads a request and answers it. False if the connection is to be closed.
  Task<bool> serve_one() {
    Incoming incoming(shared_, socket_, buffer_, *deadline_);
    const HttpRoute* route = nullptr;
    HttpFields fields;
    auto answer = co_await incoming.read_header();
    begin_ = Clock::now();
    if (!answer) {
      fields = shared_.gate.fields_for(incoming.request);
      answer = incoming.find(route);
    }
    record_ = {.method = incoming.request.method,
               .path = incoming.request.path,
               .route = route ? route->path : "",
               .peer = peer_,
               .traceparent = std::string(incoming.request.field("traceparent"))};
    if (!answer) answer = co_await incoming.read_body();
    record_.received = incoming.received();
    unread_ = !incoming.is_complete();
    last_ = last_ || unread_ || !incoming.keeps_alive();
    if (!answer) answer = co_await handle(*route, std::move(incoming.request));
    if (answer->status == 0 || answer->status == kGone) {
      finish(answer->status);
      co_return false;
    }
    co_return co_await write(*std::move(answer), fields);
  }

  Task<std::optional<HttpAnswer>> handle(const HttpRoute& route, HttpRequest request) {
    request.peer = peer_;
    exchange_ = std::make_shared<Exchange>(shared_.io);
    call(route, std::move(request), exchange_->reply());
    watch_for_end(shared_from_this(), socket_, exchange_);
    auto answer = co_await exchange_->wait(seconds(shared_.options.answer_time));
    Code ignored;
    socket_.cancel(ignored);
    const bool gone = exchange_->client_is_gone();
    exchange_.reset();
    if (gone) co_return HttpAnswer{.status = kGone};
    if (!answer) answer = busy_answer("answer took too long");
    co_return answer;
  }

  /// Writes an answer. False if the connection is to be closed.
  Task<bool> write(HttpAnswer answer, HttpFields fields) {
    const bool keep = !last_ && !unread_ && !shared_.stopping;
    record_.sent = answer.body.size();
    const int status = answer.status;
    auto response = response_of(std::move(answer), fields, keep, record_.method == "HEAD");
    Code error;
    deadline_->set(seconds(shared_.options.body_time) + transfer_time(record_.sent, shared_.options));
    co_await http::async_write(socket_, response, net::redirect_error(net::use_awaitable, error));
    deadline_->clear();
    finish(error ? kGone : status);
    co_return keep && !error;
  }

  void finish(int status) {
    if (!shared_.note || status == 0) return;
    record_.status = status;
    record_.seconds = std::chrono::duration<double>(Clock::now() - begin_).count();
    shared_.note(record_);
  }

  /// Says that nothing follows, and lets the client take what was sent.
  Task<void> close() {
    Code error;
    socket_.shutdown(Socket::shutdown_send, error);
    deadline_->set(kDropTime);
    if (unread_ && !shared_.stopping) co_await drop_rest(socket_);
    deadline_->clear();
    socket_.close(error);
  }

  Shared& shared_;
  Socket socket_;
  const std::string peer_;
  std::shared_ptr<Deadline> deadline_;
  boost::beast::flat_buffer buffer_{kReadBuffer};
  HttpRecord record_;
  std::shared_ptr<Exchange> exchange_;
  Clock::time_point begin_ = Clock::now();
  bool idle_ = false, last_ = false, unread_ = false;
};

/// A socket that a server has died with is removed, so that its path can be used again.
void remove_dead_socket(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return;
  net::io_context io;
  net::local::stream_protocol::socket socket(io);
  Code error;
  socket.connect(net::local::stream_protocol::endpoint(path), error);
  if (error) unlink(path.c_str());
}

Protocol::endpoint endpoint_of(const HttpAddress& address, bool has_token) {
  if (!address.path.empty()) {
    if (address.path.size() > 107)
      throw Error("path of a socket is too long", address.path, "107 characters");
    remove_dead_socket(address.path);
    return net::local::stream_protocol::endpoint(address.path);
  }
  Code error;
  const auto ip = net::ip::make_address(address.host, error);
  if (error) throw Error("is no address", address.host, "a number like 127.0.0.1 or ::1");
  if (!ip.is_loopback() && !has_token)
    throw Error("others could connect without a token", address.host,
                "this machine's own address, a Unix socket, or a token");
  return net::ip::tcp::endpoint(ip, static_cast<unsigned short>(address.port));
}

std::string shown_address(const HttpAddress& address, int port) {
  if (!address.path.empty()) return address.path;
  const bool v6 = address.host.find(':') != std::string::npos;
  return (v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(port);
}

}  // namespace

struct HttpServer::Impl {
  const HttpAddress address;
  Shared shared;
  Acceptor acceptor{shared.io};
  net::steady_timer pause{shared.io}, drain{shared.io};
  std::vector<std::unique_ptr<net::signal_set>> signals;
  int port = 0;

  Impl(HttpAddress at, HttpAccess access, const HttpOptions& options)
      : address(std::move(at)),
        shared{.options = options, .gate = HttpGate(access, address.path.empty() && access.token.empty())} {
    const Protocol::endpoint endpoint = endpoint_of(address, !access.token.empty());
    Code error;
    acceptor.open(endpoint.protocol(), error);
    if (!error && address.path.empty()) acceptor.set_option(net::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error && !address.path.empty()) chmod(address.path.c_str(), 0660);
    if (!error) acceptor.listen(net::socket_base::max_listen_connections, error);
    if (error)
      throw Error("port cannot be listened to; is another program using it?",
                  shown_address(address, address.port), {}, error.message());
    const auto bound = acceptor.local_endpoint();
    if (address.path.empty()) port = ntohs(reinterpret_cast<const sockaddr_in*>(bound.data())->sin_port);
  }
  ~Impl() {
    if (!address.path.empty()) unlink(address.path.c_str());
  }

  /// No limit for clients on this machine, where a proxy may run.
  bool has_room(const Protocol::endpoint& peer, const std::string& name) const {
    const auto count = shared.connections.size();
    if (count >= static_cast<std::size_t>(shared.options.max_connections)) return false;
    const auto same = shared.by_address.find(name);
    return is_loopback(peer) || same == shared.by_address.end() ||
           same->second < shared.options.max_per_address;
  }

  void welcome(Socket socket, const Protocol::endpoint& peer) {
    // Some more than the limit get an answer, the rest none.
    const auto most = static_cast<std::size_t>(shared.options.max_connections);
    if (shared.connections.size() > most + most / 8 + 8) return;
    Code ignored;
    socket.set_option(net::ip::tcp::no_delay(true), ignored);
    const auto name = address_text(peer);
    const bool room = has_room(peer, name);
    const auto connection = std::make_shared<Connection>(shared, std::move(socket), name);
    net::co_spawn(shared.io, room ? Connection::run(connection) : Connection::turn_away(connection),
                  net::detached);
  }

  static Task<void> accept(Impl& self) {
    while (self.acceptor.is_open()) {
      Socket socket(self.shared.io);
      Protocol::endpoint peer;
      Code error;
      co_await self.acceptor.async_accept(socket, peer, net::redirect_error(net::use_awaitable, error));
      if (!error) {
        self.welcome(std::move(socket), peer);
      } else if (self.acceptor.is_open()) {  // out of descriptors, for instance
        self.pause.expires_after(kPoll);
        co_await self.pause.async_wait(net::redirect_error(net::use_awaitable, error));
      }
    }
  }

  void stop() {
    if (std::exchange(shared.stopping, true)) return;
    Code ignored;
    acceptor.close(ignored);
    pause.cancel();
    for (auto& set : signals) set->cancel(ignored);
    for (auto* connection : shared.connections) connection->end_if_idle();
    wait_for_last(Clock::now() + seconds(shared.options.drain_time));
  }

  /// The event loop ends when nothing is left to wait for.
  void wait_for_last(Clock::time_point end) {
    if (shared.connections.empty()) return;
    if (Clock::now() >= end)
      for (auto* connection : shared.connections) connection->abort();
    drain.expires_after(kPoll);
    drain.async_wait([this, end](Code) { wait_for_last(end); });
  }

  void wait_for_signal(net::signal_set& set, const std::function<void()>& handle) {
    set.async_wait([this, &set, handle](Code error, int) {
      if (error) return;
      handle();
      if (!shared.stopping) wait_for_signal(set, handle);
    });
  }
};

HttpServer::HttpServer(const HttpAddress& address, HttpAccess access, const HttpOptions& options)
    : impl_(std::make_unique<Impl>(address, std::move(access), options)) {}
HttpServer::~HttpServer() = default;

int HttpServer::port() const {
  return impl_->port;
}

std::string HttpServer::url() const {
  const std::string shown = shown_address(impl_->address, impl_->port);
  return impl_->address.path.empty() ? "http://" + shown + "/" : shown;
}

void HttpServer::on_signal(int signal, std::function<void()> handle) {
  impl_->signals.push_back(std::make_unique<net::signal_set>(impl_->shared.io, signal));
  impl_->wait_for_signal(*impl_->signals.back(), handle);
}

void HttpServer::on_answer(std::function<void(const HttpRecord&)> note) {
  impl_->shared.note = std::move(note);
}

void HttpServer::run(std::vector<HttpRoute> routes) {
  impl_->shared.routes = std::move(routes);
  net::co_spawn(impl_->shared.io, Impl::accept(*impl_), net::detached);
  impl_->shared.io.run();
}

void HttpServer::stop() {
  net::post(impl_->shared.io, [this] { impl_->stop(); });
}

std::size_t HttpServer::connections() const {
  return impl_->shared.count;
}

}  // namespace regard

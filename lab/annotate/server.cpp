#include "lab/annotate/server.h"

#include <httplib.h>

#include "regard/core/error.h"
#include "regard/core/json.h"
#include "regard/image/encode.h"

namespace regard {

extern const char* const kAnnotatePage;  // page.html

namespace {

constexpr const char* kHost = "127.0.0.1";
constexpr const char* kJson = "application/json";
constexpr std::size_t kUpcoming = 6, kRecent = 8;
constexpr std::size_t kMostPosted = 4096;  // bytes

std::string png_of(const ImageView& image) {
  const auto bytes = encode_png(image);
  return {bytes.begin(), bytes.end()};
}

/// The number after the last slash. Throws Error if there is none.
std::int64_t place_in(const std::string& path) {
  const std::string text = path.substr(path.rfind('/') + 1);
  if (text.empty() || text.size() > 9 || text.find_first_not_of("0123456789") != text.npos)
    throw Error("image's place is no number", path);
  return std::stoll(text);
}

Json state_of(const MarkStore& store) {
  Json counts = Json::object(), upcoming = Json::array(), recent = Json::array(), image;
  std::int64_t done = 0;
  const auto by_mark = store.counts();
  for (std::size_t i = 0; i < kMarks; ++i) {
    counts[name_of(static_cast<Mark>(i))] = by_mark[i];
    done += by_mark[i];
  }
  for (const auto& next : store.unmarked(1 + kUpcoming)) {
    if (image.is_null())
      image = {{"place", next.place},
               {"name", next.name},
               {"label", store.labels().at(static_cast<std::size_t>(next.label))},
               {"suspicion", next.suspicion}};
    else
      upcoming.push_back(next.place);
  }
  for (const auto& last : store.recent(kRecent))
    if (last.mark)
      recent.push_back({{"place", last.place}, {"name", last.name}, {"mark", name_of(*last.mark)}});
  return {
      {"dataset", store.dataset()}, {"split", store.split()}, {"count", store.count()}, {"done", done},
      {"counts", counts},           {"image", image},         {"upcoming", upcoming},   {"recent", recent}};
}

/// The body of a POST to /mark. Throws Error if it is invalid.
std::pair<std::int64_t, Mark> stroke_of(const std::string& body) {
  const Json json = parse_json(body, "request");
  if (!json.is_object() || !json.contains("place") || !json.contains("mark") ||
      !json["place"].is_number_integer() || !json["mark"].is_string())
    throw Error("request is no mark", "request", R"({"place": number, "mark": name})", json_shown(json));
  const auto mark = mark_named(json["mark"].get<std::string>());
  if (!mark)
    throw Error("there is no such mark", "mark", "upper, bottom, left-right, glasses-mask, none or skip",
                json["mark"].get<std::string>());
  return {json["place"].get<std::int64_t>(), *mark};
}

void respond(httplib::Response& response, const Json& json, int status = 200) {
  response.status = status;
  response.set_content(json_shown(json), kJson);
}

}  // namespace

struct MarkServer::Impl {
  httplib::Server server;
  int port = 0;

  void listen(int wanted) {
    // By default httplib would share the port with other programs.
    server.set_socket_options([](auto socket) {
      const int yes = 1;
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    server.set_tcp_nodelay(true);
    server.set_payload_max_length(kMostPosted);
    port = wanted;
    if (wanted == 0)
      port = server.bind_to_any_port(kHost);
    else if (!server.bind_to_port(kHost, wanted))
      port = -1;
    if (port < 0)
      throw Error("port cannot be listened to; is another program using it?",
                  std::string(kHost) + ":" + std::to_string(wanted));
  }

  bool is_own(const httplib::Request& request) const {
    const std::string host = request.get_header_value("Host"), own = std::to_string(port);
    return host == kHost + (':' + own) || host == "localhost:" + own;
  }

  void set_checks() {
    server.set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      response.set_header("Cache-Control", "no-store");
      if (!is_own(request))
        respond(response, {{"error", "this page is for this machine alone"}}, 403);
      else if (request.method == "POST" && request.get_header_value("Content-Type") != kJson)
        respond(response, {{"error", std::string("expected ") + kJson}}, 415);
      else
        return httplib::Server::HandlerResponse::Unhandled;
      return httplib::Server::HandlerResponse::Handled;
    });
    server.set_error_handler([](const httplib::Request& request, httplib::Response& response) {
      if (response.body.empty())
        respond(response, {{"error", "nothing at " + request.path}}, response.status);
    });
  }

  /// A handler that turns Errors into responses.
  template <class Work>
  static httplib::Server::Handler guarded(Work work) {
    return [work](const httplib::Request& request, httplib::Response& response) {
      try {
        work(request, response);
      } catch (const Error& error) {
        respond(response, {{"error", error.what()}}, 400);
      } catch (const std::exception& error) {
        respond(response, {{"error", error.what()}}, 500);
      }
    };
  }

  void set_routes(MarkStore& store, const std::function<ImageView(const std::string&)>& image) {
    using Request = const httplib::Request&;
    using Response = httplib::Response&;
    server.Get("/", [](Request, Response response) {
      response.set_content(kAnnotatePage, "text/html; charset=utf-8");
    });
    server.Get("/state",
               guarded([&store](Request, Response response) { respond(response, state_of(store)); }));
    server.Get("/list", guarded([&store](Request, Response response) {
                 response.set_header("Content-Disposition", "attachment; filename=\"occlusion.txt\"");
                 response.set_content(occlusion_list(store), "text/plain; charset=utf-8");
               }));
    server.Get(R"(/image/[^/]*)", guarded([&store, image](Request request, Response response) {
                 response.set_content(png_of(image(store.at(place_in(request.path)).name)), "image/png");
               }));
    server.Post("/mark", guarded([&store](Request request, Response response) {
                  const auto [place, mark] = stroke_of(request.body);
                  store.mark(place, mark);
                  respond(response, state_of(store));
                }));
    server.Post("/undo", guarded([&store](Request, Response response) {
                  store.undo();
                  respond(response, state_of(store));
                }));
  }
};

MarkServer::MarkServer(int port) : impl_(std::make_unique<Impl>()) {
  impl_->set_checks();
  impl_->listen(port);
}

MarkServer::~MarkServer() = default;

int MarkServer::port() const {
  return impl_->port;
}

void MarkServer::run(MarkStore& store, std::function<ImageView(const std::string& name)> image) {
  impl_->set_routes(store, image);
  impl_->server.listen_after_bind();
}

void MarkServer::stop() {
  impl_->server.stop();
}

}  // namespace regard

#include "lab/annotate/server.h"

#include "regard/core/error.h"
#include "regard/core/json.h"
#include "regard/core/text.h"
#include "regard/http/server.h"
#include "regard/image/encode.h"

namespace regard {

extern const char* const kAnnotatePage;  // page.html

namespace {

constexpr const char* kJson = "application/json";
constexpr const char* kPagePolicy =
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src 'self' data:; "
    "connect-src "
    "'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
constexpr std::size_t kUpcoming = 6, kRecent = 8;
constexpr int kMostPosted = 4096;  // bytes

/// The place that a path ends in. Throws Error if it is none.
std::int64_t place_in(const HttpRequest& request) {
  const auto place = whole_number<std::int64_t>(request.parts.at(0));
  if (!place || *place < 0) throw Error("image's place is no number", request.path);
  return *place;
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

HttpAnswer page_answer(const HttpRequest&) {
  return {.type = "text/html; charset=utf-8",
          .body = kAnnotatePage,
          .fields = {{"Content-Security-Policy", kPagePolicy}}};
}

std::vector<HttpRoute> routes_for(MarkStore& store,
                                  const std::function<ImageView(const std::string&)>& image) {
  using Request = const HttpRequest&;
  return {{"GET", "/", at_once(page_answer)},
          {"GET", "/state", at_once([&](Request) { return json_answer(state_of(store)); })},
          {"GET", "/list", at_once([&](Request) {
             return HttpAnswer{.type = "text/plain; charset=utf-8",
                               .body = occlusion_list(store),
                               .fields = {{"Content-Disposition", "attachment; filename=\"occlusion.txt\""}}};
           })},
          {"GET", "/image/*", at_once([&store, image](Request request) {
             return HttpAnswer{.type = "image/png",
                               .body = body_of(encode_png(image(store.at(place_in(request)).name)))};
           })},
          {"POST",
           "/mark",
           at_once([&](Request request) {
             const auto [place, mark] = stroke_of(request.body);
             store.mark(place, mark);
             return json_answer(state_of(store));
           }),
           {kJson}},
          {"POST",
           "/undo",
           at_once([&](Request) {
             store.undo();
             return json_answer(state_of(store));
           }),
           {kJson}}};
}

}  // namespace

struct MarkServer::Impl {
  HttpServer server;
};

MarkServer::MarkServer(int port)
    : impl_(new Impl{HttpServer({.port = port}, {}, {.max_body = kMostPosted})}) {}
MarkServer::~MarkServer() = default;

int MarkServer::port() const {
  return impl_->server.port();
}

void MarkServer::run(MarkStore& store, std::function<ImageView(const std::string& name)> image) {
  impl_->server.run(routes_for(store, image));
}

void MarkServer::stop() {
  impl_->server.stop();
}

}  // namespace regard

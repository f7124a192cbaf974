#include "regard/server/service.h"

#include <malloc.h>

#include <algorithm>

#include "regard/core/parallel.h"
#include "regard/core/range_check.h"
#include "regard/server/assets.h"
#include "regard/server/inference.h"
#include "regard/server/request_images.h"

namespace regard {
namespace {

/// With the numbers that depend on the machine filled in.
ServiceOptions checked(ServiceOptions options) {
  check_range(options.jobs >= 0, "jobs", "0 or more", options.jobs);
  check_range(options.queue >= 0, "queue", "0 or more", options.queue);
  check_range(options.max_images >= 1, "max_images", "1 or more", options.max_images);
  check_range(options.max_pixels >= 1, "max_pixels", "1 or more", options.max_pixels);
  check_format_names(options.formats);
  options.jobs = jobs_or_cores(options.jobs);
  if (options.queue == 0) options.queue = options.jobs;
  return options;
}

RecognizerOptions with_jobs(RecognizerOptions recognizer, int jobs) {
  recognizer.jobs = jobs;
  return recognizer;
}

const std::vector<std::string> kImageTypes{"image/*", "application/octet-stream", "multipart/form-data"};
const std::vector<std::string> kTensorTypes{"application/json", "application/octet-stream", ""};

// Everything comes from this server; "data:" is the page's empty icon, "blob:" are the user's own images.
constexpr const char* kPagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src blob: "
    "mediastream:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

HttpRoute asset_route(const Asset& asset) {
  return {"GET",
          asset.path,
          at_once([asset](const HttpRequest&) -> HttpAnswer {
            return {.type = asset.type,
                    .body = asset.text,
                    .fields = {{"Content-Security-Policy", kPagePolicy},
                               {"Permissions-Policy", "camera=(self), microphone=(), geolocation=()"},
                               {"Cache-Control", "no-cache"}}};
          }),
          {},
          /*open=*/true};
}

/// The answer to a question about a model of the inference protocol: 404 if there is none of this name.
HttpAnswer about_model(const ServedModel& model, const HttpRequest& request,
                       HttpAnswer (*answer)(const ServedModel&, const std::string& name)) {
  const std::string version = request.parts.size() > 1 ? request.parts[1] : "";
  if (!has_infer_model(model, request.parts[0], version))
    return error_answer(
        404, "there is no model " + request.parts[0] + (version.empty() ? "" : " version " + version));
  return answer(model, request.parts[0]);
}

HttpAnswer model_readiness(const ServedModel&, const std::string& name) {
  return json_answer({{"name", name}, {"ready", true}});
}

HttpAnswer model_exists(const ServedModel&, const std::string&) {
  return {};
}

HttpAnswer about_answer(const ServedModel& served, const ServiceOptions& options) {
  const auto& model = served.recognizer().model();
  return json_answer({{"name", "regard"},
                      {"version", REGARD_VERSION},
                      {"formats", options.formats},
                      {"model",
                       {{"name", model.name},
                        {"sha256", model.hash()},
                        {"labels", model.labels},
                        {"views", served.recognizer().views()}}}});
}

HttpAnswer live_answer(const HttpRequest&) {
  return json_answer({{"live", true}});
}

HttpAnswer health_answer(bool ready) {
  return ready ? json_answer({{"ready", true}}) : busy_answer("the server is stopping", 5);
}

}  // namespace

RecognitionService::RecognitionService(const std::string& model, RecognizerOptions recognizer,
                                       ServiceOptions options)
    : options_(checked(std::move(options))),
      reader_(options_),
      model_(model, with_jobs(std::move(recognizer), options_.jobs)),
      workers_(static_cast<std::size_t>(options_.jobs), static_cast<std::size_t>(options_.queue)) {}

HttpHandler RecognitionService::in_worker(Answer answer) {
  return [this, answer](HttpRequest request, const HttpReply& reply) {
    workers_.take(reply, [this, answer, request = std::move(request), model = model_.get()] {
      return answer(request, {*model, options_, reader_, metrics_});
    });
  };
}

HttpHandler RecognitionService::readiness() const {
  return at_once([this](const HttpRequest&) { return health_answer(ready_); });
}

HttpAnswer RecognitionService::metrics(const HttpServer& server) const {
  const auto number = [](std::size_t value) { return static_cast<double>(value); };
  return {.type = "text/plain; version=0.0.4; charset=utf-8",
          .body = metrics_.text(
              {{"regard_connections", "Open connections.", number(server.connections())},
               {"regard_queue_length", "Requests that wait for a worker.", number(workers_.waiting())},
               {"regard_queue_capacity", "Requests that may wait.", number(workers_.capacity())},
               {"regard_workers", "Threads that work on requests.", number(workers_.threads())},
               {"regard_workers_busy", "Threads that do so now.", number(workers_.working())},
               {"regard_abandoned_total", "Waiting requests that were dropped, their clients having gone.",
                number(workers_.abandoned()), "counter"},
               {"regard_ready", "1 if new requests are welcome.", ready_ ? 1. : 0.}})};
}

std::vector<HttpRoute> RecognitionService::inference_routes() {
  using Ask = HttpAnswer (*)(const ServedModel&, const std::string&);
  const auto about = [this](Ask answer) {
    return at_once(
        [this, answer](const HttpRequest& request) { return about_model(*model_.get(), request, answer); });
  };
  const auto run = [this](HttpRequest request, const HttpReply& reply) {
    const auto missing = about_model(*model_.get(), request, model_exists);
    if (missing.status != 200) return reply(missing);
    in_worker([](const HttpRequest& r, const ServiceContext& context) {
      return infer(r.parts[0], r, context);
    })(std::move(request), reply);
  };
  std::vector<HttpRoute> routes{
      {"GET", "/v2", at_once([](const HttpRequest&) { return server_metadata(REGARD_VERSION); })},
      {"GET", "/v2/health/live", at_once(live_answer), {}, /*open=*/true},
      {"GET", "/v2/health/ready", readiness(), {}, /*open=*/true}};
  for (const std::string path : {"/v2/models/*", "/v2/models/*/versions/*"}) {
    routes.push_back({"GET", path, about(infer_model_metadata)});
    routes.push_back({"GET", path + "/ready", about(model_readiness)});
    routes.push_back({"POST", path + "/infer", run, kTensorTypes});
  }
  return routes;
}

std::vector<HttpRoute> RecognitionService::routes(const HttpServer& server) {
  std::vector<HttpRoute> routes{
      {"POST", "/recognize", in_worker(recognize_answer), kImageTypes},
      {"POST", "/explain", in_worker(explain_answer), kImageTypes},
      {"POST", "/preview", in_worker(preview_answer), kImageTypes},
      {"GET", "/health/live", at_once(live_answer), {}, /*open=*/true},
      {"GET", "/health/ready", readiness(), {}, /*open=*/true},
      {"GET",
       "/about",
       at_once([this](const HttpRequest&) { return about_answer(*model_.get(), options_); }),
       {},
       /*open=*/true},
      {"GET", "/metrics", at_once([this, &server](const HttpRequest&) { return metrics(server); })},
  };
  for (const auto& asset : server_assets()) routes.push_back(asset_route(asset));
  for (auto& route : inference_routes()) routes.push_back(std::move(route));
  return routes;
}

void RecognitionService::reload(std::function<void(const std::string& error)> done) {
  if (reloading_.exchange(true)) return done("the model is being loaded already");
  reloader_ = std::jthread([this, done = std::move(done)] {
    std::string error;
    try {
      model_.reload();
      malloc_trim(0);  // or what the last model took would be kept for long
    } catch (const std::exception& failure) {
      error = failure.what();
    }
    metrics_.note_reload(error.empty());
    reloading_ = false;
    done(error);
  });
}

}  // namespace regard

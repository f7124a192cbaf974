#include "regard/server/service.h"

#include <algorithm>

#include "regard/core/range_check.h"
#include "regard/server/recognition.h"
#include "regard/server/request_images.h"

namespace regard {
namespace {

/// With the numbers that depend on the machine filled in.
ServiceOptions checked(ServiceOptions options) {
  check_range(options.jobs >= 0, "jobs", "0 or more", options.jobs);
  check_range(options.queue >= 0, "queue", "0 or more", options.queue);
  check_range(options.max_images >= 1, "max_images", "1 or more", options.max_images);
  check_format_names(options.formats);
  if (options.jobs == 0) options.jobs = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  if (options.queue == 0) options.queue = 4 * options.jobs;
  return options;
}

RecognizerOptions with_jobs(RecognizerOptions recognizer, int jobs) {
  recognizer.jobs = jobs;
  return recognizer;
}

const std::vector<std::string> kImageTypes{"image/*", "application/octet-stream", "multipart/form-data"};

}  // namespace

RecognitionService::RecognitionService(const std::string& model, RecognizerOptions recognizer,
                                       ServiceOptions options)
    : options_(checked(std::move(options))),
      model_(model, with_jobs(std::move(recognizer), options_.jobs)),
      workers_(static_cast<std::size_t>(options_.jobs), static_cast<std::size_t>(options_.queue)) {}

HttpHandler RecognitionService::in_worker(Answer answer) {
  return [this, answer](HttpRequest request, const HttpReply& reply) {
    workers_.take(reply, [this, answer, request = std::move(request), model = model_.get()] {
      return answer(request, *model, options_, metrics_);
    });
  };
}

HttpAnswer RecognitionService::health(bool ready) const {
  return ready ? json_answer({{"status", "ready"}}) : busy_answer("the server is stopping", 5);
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

std::vector<HttpRoute> RecognitionService::routes(const HttpServer& server) {
  const auto at_once = [](auto answer) -> HttpHandler {
    return [answer](const HttpRequest&, const HttpReply& reply) { reply(answer()); };
  };
  const auto preview = [](const HttpRequest& request, const ServedModel&, const ServiceOptions& options,
                          ServerMetrics&) { return preview_answer(request, options); };
  return {
      {"POST", "/recognize", in_worker(recognize_answer), kImageTypes},
      {"POST", "/explain", in_worker(explain_answer), kImageTypes},
      {"POST", "/preview", in_worker(preview), kImageTypes},
      {"GET",
       "/health/live",
       at_once([] {
         return json_answer({{"status", "live"}});
       }),
       {},
       /*open=*/true},
      {"GET", "/health/ready", at_once([this] { return health(ready_); }), {}, /*open=*/true},
      {"GET", "/metrics", at_once([this, &server] { return metrics(server); })},
  };
}

void RecognitionService::reload(std::function<void(const std::string& error)> done) {
  if (reloading_.exchange(true)) return done("the model is being loaded already");
  reloader_ = std::jthread([this, done = std::move(done)] {
    std::string error;
    try {
      model_.reload();
    } catch (const std::exception& failure) {
      error = failure.what();
    }
    metrics_.note_reload(error.empty());
    reloading_ = false;
    done(error);
  });
}

}  // namespace regard

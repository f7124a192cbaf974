#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "regard/http/route.h"
#include "regard/http/server.h"
#include "regard/server/metrics.h"
#include "regard/server/options.h"
#include "regard/server/recognition.h"
#include "regard/server/served_model.h"
#include "regard/server/workers.h"

namespace regard {

/// Recognition for an HttpServer:
///
///     POST /recognize            images -> their faces, as `regard recognize` prints them
///     POST /explain              an image -> which regions counted, as JSON or PNG
///     POST /preview              an image -> JPEG, for browsers
///     GET  /                     a page for browsers; /openapi.json describes all of this
///     GET  /about                the model, the formats of images that are read
///     GET  /health/live, /ready  whether it runs; whether it takes requests
///     GET  /metrics              in the text format of Prometheus
///     /v2/...                    the Open Inference Protocol (inference.h)
///
/// It must not be destroyed before HttpServer::run has returned, but before the server is.
class RecognitionService {
 public:
  /// `model`, `recognizer`: as Recognizer, but for `jobs`, which are those of `options`. Throws Error.
  RecognitionService(const std::string& model, RecognizerOptions recognizer, ServiceOptions options);

  /// `server`: the one that gets these routes.
  std::vector<HttpRoute> routes(const HttpServer& server);

  /// For HttpServer::on_answer.
  void note(const HttpRecord& record) { metrics_.note(record); }
  /// Loads the model anew in a thread; one at a time. `done` is told the error, or nothing.
  void reload(std::function<void(const std::string& error)> done);
  /// From now on it is not ready any more; requests are still answered.
  void drain() { ready_ = false; }

  const ServiceOptions& options() const { return options_; }
  ServedModelPtr model() const { return model_.get(); }

 private:
  using Answer = HttpAnswer (*)(const HttpRequest&, const ServiceContext&);

  std::vector<HttpRoute> inference_routes();
  /// Answers in a worker's thread.
  HttpHandler in_worker(Answer answer);
  /// Answers whether it takes requests.
  HttpHandler readiness() const;
  HttpAnswer metrics(const HttpServer& server) const;

  ServiceOptions options_;
  ImageReader reader_;
  CurrentModel model_;
  ServerMetrics metrics_;
  std::atomic<bool> ready_ = true, reloading_ = false;
  std::jthread reloader_;
  Workers workers_;
};

}  // namespace regard

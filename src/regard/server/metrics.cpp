#include "regard/server/metrics.h"

#include <algorithm>

#include "regard/core/text.h"

namespace regard {
namespace {

std::string described(const char* name, const char* help, const char* kind) {
  return formatted("# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind);
}

std::string shown_gauge(const Gauge& gauge) {
  return described(gauge.name, gauge.help, gauge.kind) + formatted("%s %.17g\n", gauge.name, gauge.value);
}

}  // namespace

void ServerMetrics::note(const HttpRecord& record) {
  const std::lock_guard lock(mutex_);
  ++by_status_[{record.route, record.status}];
  received_ += record.received, sent_ += record.sent;
  if (record.route.empty()) return;  // paths that clients make up are not counted one by one
  auto& [counts, sum] = by_route_[record.route];
  const auto bound = std::lower_bound(kDurationBounds.begin(), kDurationBounds.end(), record.seconds);
  ++counts[static_cast<std::size_t>(bound - kDurationBounds.begin())];
  sum += record.seconds;
}

std::string ServerMetrics::requests() const {
  std::string text = described("regard_requests_total", "Requests by route and status.", "counter");
  for (const auto& [key, count] : by_status_)
    text += formatted("regard_requests_total{route=\"%s\",status=\"%d\"} %llu\n", key.first.c_str(),
                      key.second, static_cast<unsigned long long>(count));
  return text;
}

std::string ServerMetrics::durations() const {
  constexpr const char* kName = "regard_request_duration_seconds";
  std::string text =
      described(kName, "Time from the end of a request's header to the end of its answer.", "histogram");
  for (const auto& [route, durations] : by_route_) {
    unsigned long long below = 0;
    for (std::size_t i = 0; i < durations.counts.size(); ++i) {
      below += durations.counts[i];
      const std::string bound = i < kDurationBounds.size() ? formatted("%g", kDurationBounds[i]) : "+Inf";
      text +=
          formatted("%s_bucket{route=\"%s\",le=\"%s\"} %llu\n", kName, route.c_str(), bound.c_str(), below);
    }
    text += formatted("%s_sum{route=\"%s\"} %.9g\n%s_count{route=\"%s\"} %llu\n", kName, route.c_str(),
                      durations.sum, kName, route.c_str(), below);
  }
  return text;
}

std::string ServerMetrics::text(const std::vector<Gauge>& gauges) const {
  const std::lock_guard lock(mutex_);
  std::string text = requests() + durations();
  for (const auto& gauge :
       {Gauge{"regard_received_bytes_total", "Bytes of requests' bodies.", static_cast<double>(received_),
              "counter"},
        Gauge{"regard_sent_bytes_total", "Bytes of answers' bodies.", static_cast<double>(sent_), "counter"},
        Gauge{"regard_images_total", "Images that were recognised.", static_cast<double>(images_), "counter"},
        Gauge{"regard_faces_total", "Faces that were found.", static_cast<double>(faces_), "counter"},
        Gauge{"regard_reloads_total", "Times that the model was loaded anew.", static_cast<double>(reloads_),
              "counter"},
        Gauge{"regard_failed_reloads_total", "Times that this failed.", static_cast<double>(failed_reloads_),
              "counter"}})
    text += shown_gauge(gauge);
  for (const auto& gauge : gauges) text += shown_gauge(gauge);
  return text;
}

}  // namespace regard

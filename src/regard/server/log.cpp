#include "regard/server/log.h"

#include <chrono>
#include <cmath>
#include <ctime>

#include "regard/core/text.h"

namespace regard {
namespace {

std::string utc_now() {
  const auto now = std::chrono::system_clock::now();
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  return utc_text(std::chrono::system_clock::to_time_t(now), "%Y-%m-%dT%H:%M:%S") +
         formatted(".%03dZ", static_cast<int>(milliseconds));
}

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == text.npos;
}

/// Adds the trace and the span of "00-<32 digits>-<16 digits>-<2 digits>"; nothing for anything else.
void add_trace(const std::string& traceparent, Json& line) {
  const auto parts = words_of(traceparent, "-");
  if (parts.size() != 4 || traceparent.size() != 55 || parts[1].size() != 32 || parts[2].size() != 16) return;
  if (!is_hex(parts[1]) || !is_hex(parts[2])) return;
  line["trace_id"] = parts[1];
  line["parent_span_id"] = parts[2];
}

}  // namespace

std::string log_line(const std::string& level, const std::string& message, const Json& more) {
  Json line{{"time", utc_now()}, {"level", level}, {"message", message}};
  line.update(more);
  return json_shown(line) + "\n";
}

std::string log_line(const HttpRecord& record) {
  Json more{{"method", record.method}, {"path", record.path},
            {"status", record.status}, {"received", record.received},
            {"sent", record.sent},     {"milliseconds", std::round(1e5 * record.seconds) / 100}};
  if (!record.peer.empty()) more["peer"] = record.peer;
  add_trace(record.traceparent, more);
  return log_line(record.status >= 500 && record.status != 503 ? "error" : "info", "request", more);
}

}  // namespace regard

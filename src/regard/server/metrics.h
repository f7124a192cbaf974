#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "regard/http/server.h"

namespace regard {

/// Bounds of the histograms of durations, in seconds; there is one more without bound.
inline constexpr std::array kDurationBounds{.005, .01, .025, .05, .1, .25, .5, 1., 2.5, 5., 10., 30.};

/// A number that the server measures at the moment it is asked.
struct Gauge {
  const char* name;
  const char* help;
  double value;
  const char* kind = "gauge";  ///< or "counter"
};

/// What a server has done, in the text format of Prometheus. Thread safe.
class ServerMetrics {
 public:
  void note(const HttpRecord& record);
  void note_image(std::size_t faces) { ++images_, faces_ += faces; }
  void note_reload(bool done) { ++(done ? reloads_ : failed_reloads_); }

  std::string text(const std::vector<Gauge>& gauges) const;

 private:
  struct Durations {
    std::array<std::uint64_t, kDurationBounds.size() + 1> counts = {};
    double sum = 0;
  };

  std::string requests() const;
  std::string durations() const;

  mutable std::mutex mutex_;
  std::map<std::pair<std::string, int>, std::uint64_t> by_status_;
  std::map<std::string, Durations> by_route_;
  std::uint64_t received_ = 0, sent_ = 0;
  std::atomic<std::uint64_t> images_ = 0, faces_ = 0, reloads_ = 0, failed_reloads_ = 0;
};

}  // namespace regard

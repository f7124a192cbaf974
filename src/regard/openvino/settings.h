#pragma once

#include <openvino/openvino.hpp>

/// Only for code that runs networks: OpenVINO is kept out of the public headers.
namespace regard {

/// How every network is compiled: in f32 or bf16, for `streams` requests at the same time, each with
/// `threads` threads and tuned for latency; 0: one per core. Threads are not pinned to cores: pinned ones of
/// several requests, or of several programs, would all wait for the same first core while others are idle.
inline ov::AnyMap cpu_settings(const ov::element::Type& precision, int threads, int streams = 1) {
  ov::AnyMap settings{ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY),
                      ov::hint::inference_precision(precision), ov::hint::enable_cpu_pinning(false),
                      ov::num_streams(streams)};
  if (threads > 0) settings.insert(ov::inference_num_threads(threads * streams));
  return settings;
}

}  // namespace regard

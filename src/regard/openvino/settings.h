#pragma once

#include <openvino/openvino.hpp>

/// For those who run networks only: OpenVINO stays out of the public headers.
namespace regard {

/// How every network is compiled: tuned for the answer to one request, in f32 or bf16; `threads` 0: as many
/// as there are cores. Threads are not pinned to cores: pinned ones of several requests, or of several
/// programs, would all wait for the same first core while others are idle.
inline ov::AnyMap cpu_settings(const ov::element::Type& precision, int threads) {
  ov::AnyMap settings{ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY),
                      ov::hint::inference_precision(precision), ov::hint::enable_cpu_pinning(false)};
  if (threads > 0) settings.insert(ov::inference_num_threads(threads));
  return settings;
}

}  // namespace regard

#pragma once

#include <openvino/openvino.hpp>

/// Only for code that runs networks: OpenVINO is kept out of the public headers.
namespace regard {

/// Settings for compiling every network: tuned for latency, in f32 or bf16; `threads` 0: one per core.
/// Threads are not pinned: pinned threads of several requests or programs would all wait for the first cores
/// while others are idle.
inline ov::AnyMap cpu_settings(const ov::element::Type& precision, int threads) {
  ov::AnyMap settings{ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY),
                      ov::hint::inference_precision(precision), ov::hint::enable_cpu_pinning(false)};
  if (threads > 0) settings.insert(ov::inference_num_threads(threads));
  return settings;
}

}  // namespace regard

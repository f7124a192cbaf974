#pragma once

#include <openvino/openvino.hpp>

#include "regard/engine/engine.h"

/// For files that run networks only: OpenVINO stays out of the public headers.
namespace regard {

/// How every network is compiled: tuned for the answer to one request, in f32 or bf16; `threads` 0: as many
/// as there are cores. Threads are not pinned to cores: pinned ones of several requests, or of several
/// programs, would all wait for the same first core while others are idle.
ov::AnyMap cpu_settings(const ov::element::Type& precision, int threads);

/// Whether the graph has the input "landmarks", [n, 5, 2].
bool has_landmarks(const ov::CompiledModel& graph);

/// Compiles an ONNX graph for the CPU; `batch` 0: any number of faces, tuned for none. Throws Error for
/// unknown options; ov::Exception where it cannot be compiled.
ov::CompiledModel compile_graph(const std::string& onnx, const EngineOptions& options, int batch = 0);

/// Compiles the model's graph for the CPU; `batch` 0: any number of chips, tuned for none. Throws Error for
/// unknown options and for a model that cannot be compiled.
ov::CompiledModel compile(const Model& model, const EngineOptions& options, int batch = 0);

}  // namespace regard

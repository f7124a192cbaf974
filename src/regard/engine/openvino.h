#pragma once

#include <openvino/openvino.hpp>

#include "regard/engine/engine.h"

/// Only for the engine's own files: OpenVINO is kept out of the public headers.
namespace regard {

/// The training output that EngineOptions::features asks for.
inline constexpr const char* kFeature = "feature";

/// Whether the graph has the input "landmarks", [n, 5, 2].
bool has_landmarks(const ov::CompiledModel& graph);

/// Compiles an ONNX graph for the CPU; `batch` 0: any number of faces, tuned for none. Throws Error for
/// unknown options; ov::Exception if it cannot be compiled.
ov::CompiledModel compile_graph(const std::string& onnx, const EngineOptions& options, int batch = 0);

/// Compiles the model's graph for the CPU; `batch` 0: any number of chips, tuned for none. Throws Error for
/// unknown options and for a model that cannot be compiled.
ov::CompiledModel compile(const Model& model, const EngineOptions& options, int batch = 0);

}  // namespace regard

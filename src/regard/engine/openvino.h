#pragma once

#include <openvino/openvino.hpp>

#include "regard/engine/engine.h"

/// For the engine's own files only: OpenVINO stays out of the public headers.
namespace regard {

/// Compiles the model's graph for the CPU; `batch` 0: any number of chips, tuned for none. Throws Error for
/// unknown options and for a model that cannot be compiled.
ov::CompiledModel compile(const Model& model, const EngineOptions& options, int batch = 0);

}  // namespace regard

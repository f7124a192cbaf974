#pragma once

#include <functional>
#include <openvino/openvino.hpp>
#include <string>

#include "regard/engine/engine.h"
#include "regard/openvino/compiled.h"

/// Only for the engine's own files: OpenVINO is kept out of the public headers.
namespace regard {

/// The training output that EngineOptions::features asks for.
inline constexpr const char* kFeature = "feature";

/// Whether the graph has the input "landmarks", [n, 5, 2].
bool has_landmarks(const ov::CompiledModel& graph);

/// What tells a graph that is made of a model from all others (NetworkSource::identity): `kind`, the model's
/// description and a hash of its weights. Empty for a model that was not read from a file: it is probably
/// compiled only once.
std::string identity_of(const std::string& kind, const Model& model);

/// The part of an identity that tells weights from others: names, shapes and hashes of their values.
std::string identity_of(const Weights& weights);

/// A graph before it is compiled.
struct GraphSource {
  std::string identity;               ///< as NetworkSource::identity, for this graph and batch
  std::function<std::string()> onnx;  ///< the bytes of an ONNX file
};

/// Compiles a graph for the CPU, or takes it from the cache; `batch` 0: any number of faces, tuned for none.
/// What the graph has not in integers itself runs in bf16 if that is the precision, else in f32. Throws Error
/// for numbers out of range; ov::Exception if it cannot be compiled.
CompiledNetwork compile_graph(const GraphSource& source, const EngineOptions& options, int batch = 0);

/// Compiles the model's graph for the CPU, or takes it from the cache; `batch` 0: any number of chips, tuned
/// for none. Throws Error for unknown options and for a model that cannot be compiled.
CompiledNetwork compile(const Model& model, const EngineOptions& options, int batch = 0);

}  // namespace regard

#include "regard/engine/openvino.h"

#include "regard/ops/graph.h"

namespace regard {

namespace {

ov::AnyMap properties(const EngineOptions& options) {
  if (options.precision != "f32" && options.precision != "bf16")
    throw Error("unknown precision", "precision", "f32 or bf16", options.precision);
  if (options.threads < 0)
    throw Error("number is out of range", "threads", "0 or more", std::to_string(options.threads));
  ov::AnyMap map{
      ov::hint::inference_precision(options.precision == "f32" ? ov::element::f32 : ov::element::bf16),
      ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY), ov::num_streams(1)};
  if (options.threads > 0) map.insert(ov::inference_num_threads(options.threads));
  return map;
}

}  // namespace

ov::CompiledModel compile(const Model& model, const EngineOptions& options, int batch) {
  const auto map = properties(options);
  const auto onnx = onnx_model(model);
  try {
    ov::Core core;
    const auto graph = core.read_model(onnx, ov::Tensor());
    const int size = model.network.chip_size;
    if (batch > 0) graph->reshape(ov::PartialShape{batch, 3, size, size});
    return core.compile_model(graph, "CPU", map);
  } catch (const ov::Exception& e) {
    throw Error("model cannot be compiled by OpenVINO", model.name, {}, e.what());
  }
}

}  // namespace regard

#include "regard/engine/openvino.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string_view>

#include "regard/core/file_cache.h"
#include "regard/core/json.h"
#include "regard/core/range_check.h"
#include "regard/engine/graph.h"
#include "regard/engine/precision.h"
#include "regard/openvino/settings.h"

// OpenVINO exports this without a header. Its CPU plugin asks for f16 if it means any lower precision,
// including bf16.
namespace ov {
void disable_conversion(const std::shared_ptr<Node>& node, const element::Type& to);
}

namespace regard {

namespace {

ov::AnyMap properties(const EngineOptions& options) {
  check_range(options.threads >= 0, "threads", "0 or more", options.threads);
  check_range(options.streams >= 1, "streams", "1 or more", options.streams);
  return cpu_settings(options.precision == "bf16" ? ov::element::bf16 : ov::element::f32, options.threads,
                      options.streams);
}

void fix_batch(ov::Model& graph, int batch) {
  std::map<ov::Output<ov::Node>, ov::PartialShape> shapes;
  for (const auto& input : graph.inputs()) {
    auto shape = input.get_partial_shape();
    shape[0] = batch;
    shapes[input] = shape;
  }
  graph.reshape(shapes);
}

/// Whether a node computes a feature map from which a network finds its views: it may run in bf16 like any
/// other map.
bool gives_map(const ov::Node& node) {
  static const std::set<std::string_view> kLayers{"Convolution",        "GroupConvolution", "Clamp", "Relu",
                                                  "BatchNormInference", "MaxPool",          "PRelu"};
  const auto rank = node.get_output_partial_shape(0).rank();
  return rank.is_static() && rank.get_length() == 4 && kLayers.contains(node.get_type_name());
}

void keep_exact(const std::shared_ptr<ov::Node>& node, std::set<ov::Node*>& seen) {
  if (gives_map(*node) || !seen.insert(node.get()).second) return;
  ov::disable_conversion(node, ov::element::f16);
  for (const auto& input : node->input_values()) keep_exact(input.get_node_shared_ptr(), seen);
}

/// Lets all that leads to places in an image (the grids that views are sampled by) be computed in f32, also
/// where the rest of the graph runs in bf16: there, places would be missed by up to half a pixel.
void keep_places_exact(ov::Model& graph) {
  std::set<ov::Node*> seen;
  for (const auto& node : graph.get_ops())
    if (std::string_view(node->get_type_name()) == "GridSample") {
      ov::disable_conversion(node, ov::element::f16);
      keep_exact(node->get_input_node_shared_ptr(1), seen);
    }
}

/// What tells a quantization from all others.
std::string shown(const Quantization& quantization) {
  std::string text = " in integers";
  for (const auto& [name, layer] : quantization.layers) {
    std::vector<float> numbers{layer.low, layer.high};
    numbers.insert(numbers.end(), layer.bias.begin(), layer.bias.end());
    text += "\n" + name + " " + std::to_string(quick_hash(std::as_bytes(std::span(numbers))));
  }
  return text;
}

}  // namespace

bool has_landmarks(const ov::CompiledModel& graph) {
  return std::ranges::any_of(graph.inputs(), [](const auto& i) { return i.get_any_name() == "landmarks"; });
}

std::string identity_of(const std::string& kind, const Model& model) {
  if (!model.file_hash.valid()) return {};
  return kind + "\n" + json_shown(describe_model(model)) + identity_of(model.weights);
}

std::string identity_of(const Weights& weights) {
  std::string identity;
  for (const auto& [name, weight] : weights)
    identity += "\n" + name + to_string(weight.shape) +
                std::to_string(quick_hash(std::as_bytes(std::span(weight.values))));
  return identity;
}

CompiledNetwork compile_graph(const GraphSource& source, const EngineOptions& options, int batch) {
  const auto settings = properties(options);
  const auto build = [&](ov::Core& core) {
    auto graph = core.read_model(source.onnx(), ov::Tensor());
    if (batch > 0) fix_batch(*graph, batch);
    if (options.precision == "bf16") keep_places_exact(*graph);
    return graph;
  };
  return compile_network({source.identity, build}, settings);
}

CompiledNetwork compile(const Model& model, const EngineOptions& asked, int batch) {
  auto options = asked;
  options.precision = precision_of(model, asked);
  const auto outputs = options.features ? std::set<std::string>{kFeature} : std::set<std::string>{};
  const auto arithmetic = options.precision == "int8" ? Arithmetic::integers : Arithmetic::floats;
  const std::string kind = "model for " + std::to_string(batch) + " chips" +
                           (options.features ? " with features" : "") +
                           (options.precision == "int8" ? shown(model.quantization) : "");
  try {
    return compile_graph({identity_of(kind, model), [&] { return onnx_model(model, outputs, arithmetic); }},
                         options, batch);
  } catch (const ov::Exception& e) {
    throw Error("model cannot be compiled by OpenVINO", model.name, {}, e.what());
  }
}

}  // namespace regard

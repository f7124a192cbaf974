#include "regard/engine/quantized_graph.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <set>

#include "regard/core/error.h"

namespace regard {

namespace {

constexpr std::string_view kWeight = ".weight";
// Seven bits: sums of two products with inputs of eight fit into the 16 bits that processors without VNNI add
// them up in, so that results are the same everywhere.
constexpr float kLargestWeight = 63;

/// The layer of a convolution with parameters; else empty.
std::string layer_of(const OnnxNode& node) {
  if (node.type != "Conv") return {};
  const std::string_view name = node.inputs[1];
  return name.ends_with(kWeight) ? std::string(name.substr(0, name.size() - kWeight.size())) : "";
}

/// Weights in 8 bits: value = number * scale of its channel.
struct IntegerWeights {
  std::vector<std::int8_t> numbers;
  std::vector<float> scales;
};

IntegerWeights to_integers(std::span<const float> weights, std::size_t channels) {
  IntegerWeights result;
  const std::size_t size = weights.size() / channels;
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const auto row = weights.subspan(channel * size, size);
    float largest = 0;
    for (const float value : row) largest = std::max(largest, std::abs(value));
    const float scale = largest > 0 ? largest / kLargestWeight : 1;
    for (const float value : row)
      result.numbers.push_back(static_cast<std::int8_t>(std::nearbyint(value / scale)));
    result.scales.push_back(scale);
  }
  return result;
}

template <class T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

std::vector<float> floats_of(const OnnxTensor& tensor) {
  std::vector<float> values(tensor.bytes.size() / sizeof(float));
  std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
  return values;
}

/// Puts pairs of QuantizeLinear and DequantizeLinear in front of nodes, each edge once.
class Quantizer {
 public:
  Quantizer(OnnxGraph& graph, const Quantization& quantization)
      : graph_(graph), quantization_(quantization), nodes_(std::move(graph.nodes)) {
    for (std::size_t i = 0; i < graph_.tensors.size(); ++i) places_[graph_.tensors[i].name] = i;
  }

  void run() {
    graph_.nodes.clear();
    for (auto& node : nodes_) {
      const auto layer = layer_of(node);
      const auto found = quantization_.layers.find(layer);
      if (found != quantization_.layers.end()) quantize(node, layer, found->second);
      graph_.nodes.push_back(std::move(node));
    }
    prune(graph_);
  }

 private:
  void quantize(OnnxNode& node, const std::string& layer, const QuantizedLayer& how) {
    const auto weights = weights_of(layer, node.inputs[1]);
    if (!how.bias.empty()) {
      const auto bias = bias_of(layer, node.inputs.size() > 2 ? node.inputs[2] : "", how.bias);
      node.inputs.resize(2);
      node.inputs.push_back(bias);
    }
    node.inputs[0] = input_of(layer, node.inputs[0], how);
    node.inputs[1] = weights;
  }

  std::string input_of(const std::string& layer, const std::string& edge, const QuantizedLayer& how) {
    auto& quantized = inputs_[edge];
    if (!quantized.empty()) return quantized;
    const auto name = fresh(layer + "/int8/input");
    const bool is_signed = how.low < 0;
    const float scale = is_signed ? std::max(-how.low, how.high) / 127 : how.high / 255;
    const auto step = add(name + "_scale", onnx::DataType::f32, {}, bytes_of(std::vector{scale}));
    const auto zero =
        add(name + "_zero", is_signed ? onnx::DataType::i8 : onnx::DataType::u8, {}, std::string(1, '\0'));
    graph_.nodes.push_back(
        {"QuantizeLinear", name + "_integers", {edge, step, zero}, {name + "_integers"}, {}});
    graph_.nodes.push_back({"DequantizeLinear", name, {name + "_integers", step, zero}, {name}, {}});
    return quantized = name;
  }

  std::string weights_of(const std::string& layer, const std::string& edge) {
    // Of its own for each use: OpenVINO 2026.4 rescales shared weights of grouped convolutions several times.
    const auto name = fresh(layer + "/int8/weight");
    const auto& tensor = graph_.tensors[places_.at(edge)];
    const auto shape = tensor.shape;
    const auto integers = to_integers(floats_of(tensor), static_cast<std::size_t>(shape[0]));
    const auto numbers = add(name + "_integers", onnx::DataType::i8, shape, bytes_of(integers.numbers));
    const auto scales = add(name + "_scales", onnx::DataType::f32, {shape[0]}, bytes_of(integers.scales));
    graph_.nodes.push_back({"DequantizeLinear", name, {numbers, scales}, {name}, {{"axis", 0}}});
    return name;
  }

  std::string bias_of(const std::string& layer, const std::string& edge, std::vector<float> correction) {
    const auto name = layer + "/int8/bias";
    if (!names_.insert(name).second) return name;
    if (!edge.empty()) {
      const auto bias = floats_of(graph_.tensors[places_.at(edge)]);
      for (std::size_t i = 0; i < bias.size(); ++i) correction[i] += bias[i];
    }
    return add(name, onnx::DataType::f32, {static_cast<std::int64_t>(correction.size())},
               bytes_of(correction));
  }

  std::string add(const std::string& name, onnx::DataType type, const Shape& shape,
                  const std::string& bytes) {
    graph_.tensors.push_back({name, type, shape, bytes});
    return name;
  }

  std::string fresh(const std::string& name) {
    auto unused = name;
    for (int i = 2; !names_.insert(unused).second; ++i) unused = name + "_" + std::to_string(i);
    return unused;
  }

  OnnxGraph& graph_;
  const Quantization& quantization_;
  std::vector<OnnxNode> nodes_;
  std::map<std::string, std::size_t> places_;  // of tensors, by name
  std::map<std::string, std::string> inputs_;  // edges that pass through integers already
  std::set<std::string> names_;
};

}  // namespace

std::vector<Convolution> convolutions_of(const OnnxGraph& graph) {
  std::vector<Convolution> found;
  for (const auto& node : graph.nodes)
    if (auto layer = layer_of(node); !layer.empty()) found.push_back({std::move(layer), node.inputs[0]});
  return found;
}

void quantize(OnnxGraph& graph, const Quantization& quantization) {
  Quantizer(graph, quantization).run();
}

std::vector<float> rounded_weights(const std::vector<float>& weights, std::size_t channels) {
  const auto integers = to_integers(weights, channels);
  const std::size_t size = weights.size() / channels;
  std::vector<float> rounded;
  for (std::size_t i = 0; i < weights.size(); ++i)
    rounded.push_back(static_cast<float>(integers.numbers[i]) * integers.scales[i / size]);
  return rounded;
}

}  // namespace regard

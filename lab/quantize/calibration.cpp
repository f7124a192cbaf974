#include "lab/quantize/calibration.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "lab/quantize/histogram.h"
#include "regard/core/range_check.h"
#include "regard/engine/chip_planes.h"
#include "regard/engine/graph.h"
#include "regard/engine/openvino.h"
#include "regard/engine/quantized_graph.h"
#include "regard/openvino/settings.h"

namespace regard {

namespace {

constexpr std::size_t kAtOnce = 8;

/// What goes into a layer.
struct Input {
  MagnitudeHistogram magnitudes;
  std::vector<double> sums;  // of each channel
  std::int64_t count = 0;    // of each channel

  /// values: [n, c, h, w].
  void add(std::span<const float> values, const ov::Shape& shape) {
    magnitudes.add(values);
    sums.resize(shape[1]);
    const auto area = shape[2] * shape[3];
    for (std::size_t i = 0; i < shape[0] * shape[1]; ++i) {
      const auto plane = values.subspan(i * area, area);
      sums[i % shape[1]] += std::accumulate(plane.begin(), plane.end(), 0.);
    }
    count += static_cast<std::int64_t>(shape[0] * area);
  }

  QuantizedLayer range() const {
    const int steps = magnitudes.has_negative() ? 127 : 255;
    const float limit = magnitudes.best_limit(steps);
    return {.low = magnitudes.has_negative() ? -limit : 0, .high = limit};
  }
};

/// A model's graph that gives what goes into its convolutions.
class Observer {
 public:
  Observer(const Model& model, int threads) : mean_(landmark_places(model.chip())) {
    const auto graph = onnx_graph(model);
    convolutions_ = convolutions_of(graph);
    const auto onnx = write_onnx(graph, {});
    const auto build = [&](ov::Core& core) {
      auto network = core.read_model(onnx, ov::Tensor());
      for (const auto& convolution : convolutions_) network->add_output(convolution.input);
      return network;
    };
    network_ = compile_network({{}, build}, cpu_settings(ov::element::f32, threads));
    request_ = network_.model.create_infer_request();
  }

  void observe(std::span<const ImageView> chips, std::span<const Landmarks> landmarks) {
    const auto side = static_cast<std::size_t>(chips[0].width);
    auto input = request_.get_tensor("chip");
    input.set_shape({chips.size(), 3, side, side});
    write_planes(chips, input.data<float>());
    if (has_landmarks(network_.model)) {
      auto places = request_.get_tensor("landmarks");
      places.set_shape({chips.size(), mean_.size(), 2});
      auto* value = places.data<float>();
      for (const auto& face : landmarks)
        for (const auto& [x, y] : face) *value++ = x, *value++ = y;
    }
    request_.infer();
    for (const auto& [layer, edge] : convolutions_) {
      const auto values = request_.get_tensor(edge);
      inputs_[layer].add({values.data<const float>(), values.get_size()}, values.get_shape());
    }
  }

  const std::map<std::string, Input>& inputs() const { return inputs_; }

 private:
  Landmarks mean_;
  std::vector<Convolution> convolutions_;
  CompiledNetwork network_;
  ov::InferRequest request_;
  std::map<std::string, Input> inputs_;
};

/// Minus the mean error of the outputs [out] that rounding a convolution's weights [out, in / groups, ...]
/// causes: Nagel et al., ICCV 2019, section 4.2, with the means that were observed.
std::vector<float> correction_of(const Weight& weight, const Input& input) {
  const auto out = static_cast<std::size_t>(weight.shape[0]), in = static_cast<std::size_t>(weight.shape[1]);
  const auto area = static_cast<std::size_t>(weight.shape[2] * weight.shape[3]);
  const auto groups = input.sums.size() / in;
  const auto rounded = rounded_weights(weight.values, out);
  std::vector<float> correction(out);
  for (std::size_t i = 0; i < rounded.size(); ++i) {
    const auto channel = i / (in * area), group = channel / (out / groups);
    const double mean = input.sums[group * in + i / area % in] / static_cast<double>(input.count);
    correction[channel] -= static_cast<float>((rounded[i] - weight.values[i]) * mean);
  }
  return correction;
}

/// `wanted` of the images, spread evenly.
std::vector<std::int64_t> spread(const std::vector<std::int64_t>& images, int wanted) {
  const auto count = std::min(images.size(), static_cast<std::size_t>(wanted));
  std::vector<std::int64_t> chosen;
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(images[i * images.size() / count]);
  return chosen;
}

void observe(Observer& observer, const PackedDataset& set, std::span<const std::int64_t> indices,
             const Landmarks& usual) {
  std::vector<Image> chips;
  std::vector<Landmarks> landmarks;
  for (const auto index : indices) {
    chips.push_back(set.image(index));
    landmarks.push_back(set.landmarks(index).value_or(usual));
  }
  observer.observe(std::vector<ImageView>(chips.begin(), chips.end()), landmarks);
}

}  // namespace

Quantization calibrate(const Model& model, const PackedDataset& set, const std::string& split,
                       const CalibrationOptions& options,
                       const std::function<void(std::size_t done)>& on_part) {
  check_range(options.images >= 1, "images", "1 or more", options.images);
  if (set.size() != model.network.chip_size)
    throw Error("images have another size than the model's chips", model.name,
                std::to_string(model.network.chip_size), std::to_string(set.size()));
  const auto indices = spread(set.indices(split, /*majority_only=*/false), options.images);
  Observer observer(model, options.threads);
  for (std::size_t begin = 0; begin < indices.size(); begin += kAtOnce) {
    const auto part = std::span(indices).subspan(begin, std::min(kAtOnce, indices.size() - begin));
    observe(observer, set, part, landmark_places(model.chip()));
    if (on_part) on_part(begin + part.size());
  }
  Quantization result;
  for (const auto& [layer, input] : observer.inputs()) {
    auto quantized = input.range();
    if (quantized.high == 0) continue;  // nothing comes in: nothing is gained
    quantized.bias = correction_of(model.weights.at(layer + ".weight"), input);
    result.layers[layer] = std::move(quantized);
  }
  if (result.layers.empty())
    throw Error("model cannot be quantized", model.name, "convolutions, and images of split " + split);
  result.temperature = model.network.temperature;
  result.data = {
      {"name", set.dataset()}, {"split", split}, {"count", indices.size()}, {"hash", set.sha256()}};
  return result;
}

}  // namespace regard

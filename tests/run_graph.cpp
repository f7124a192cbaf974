#include "tests/run_graph.h"

#include <algorithm>
#include <cmath>
#include <openvino/openvino.hpp>
#include <random>
#include <tuple>

#include "regard/core/labels.h"

namespace regard::test {

Tensors run_graph(const std::string& onnx, const Tensors& inputs) {
  ov::Core core;
  auto compiled = core.compile_model(core.read_model(onnx, ov::Tensor()), "CPU",
                                     ov::hint::inference_precision(ov::element::f32));
  auto request = compiled.create_infer_request();
  for (const auto& [name, tensor] : inputs) {
    ov::Tensor input(ov::element::f32, ov::Shape(tensor.shape.begin(), tensor.shape.end()));
    std::ranges::copy(tensor.values, input.data<float>());
    request.set_tensor(name, input);
  }
  request.infer();
  Tensors outputs;
  for (const auto& port : compiled.outputs()) {
    const auto output = request.get_tensor(port);
    const auto* values = output.data<const float>();
    const auto shape = output.get_shape();
    const Tensor tensor{{shape.begin(), shape.end()}, {values, values + output.get_size()}};
    for (const auto& name : port.get_names()) outputs[name] = tensor;
  }
  return outputs;
}

Tensor random_tensor(const Shape& shape, int seed, float low, float high) {
  std::mt19937 random(static_cast<unsigned>(seed));
  std::uniform_real_distribution<float> uniform(low, high);
  Tensor tensor{shape, std::vector<float>(static_cast<std::size_t>(element_count(shape)))};
  std::ranges::generate(tensor.values, [&] { return uniform(random); });
  return tensor;
}

Weights lively_weights(const std::vector<ParameterSpec>& specs, int seed) {
  Weights weights;
  for (const auto& spec : specs) {
    const auto& [name, shape, initializer] = std::tie(spec.name, spec.shape, spec.initializer);
    if (shape.size() > 1) {
      const auto spread =
          std::sqrt(6.f * static_cast<float>(shape[0]) / static_cast<float>(element_count(shape)));
      weights[name] = random_tensor(shape, seed++, -spread, spread);
    } else {
      const float middle = initializer == Initializer::ones ? 1 : 0;
      weights[name] = random_tensor(shape, seed++, middle - .3f, middle + .3f);
    }
  }
  return weights;
}

Model random_model(int chip_size, const std::string& options, const std::string& network) {
  Model model;
  model.name = "random";
  model.network.name = network;
  model.network.options = Json::parse(options);
  model.network.chip_size = chip_size;
  model.labels.assign(kFerplusLabels.begin(), kFerplusLabels.end());
  model.weights = lively_weights(describe_network(model.network).parameters(), 1);
  return model;
}

}  // namespace regard::test

#pragma once

#include <map>
#include <string>

#include "regard/engine/graph.h"

/// What several tests need: random tensors and models, and a way to run a graph.
namespace regard::test {

using Tensor = Weight;
using Tensors = std::map<std::string, Tensor>;

/// Runs the bytes of an ONNX file in OpenVINO, in f32; its outputs by name.
Tensors run_graph(const std::string& onnx, const Tensors& inputs);

/// Uniform in [low, high), the same for the same seed.
Tensor random_tensor(const Shape& shape, int seed, float low = -1, float high = 1);

/// Values for every parameter, so that signals neither fade nor grow through many layers and no batch norm is
/// the identity.
Weights lively_weights(const std::vector<ParameterSpec>& specs, int seed);

/// A network with such weights, for chips of the given size.
Model random_model(int chip_size, const std::string& options = R"({"input_size": 64})",
                   const std::string& network = "plain");

}  // namespace regard::test

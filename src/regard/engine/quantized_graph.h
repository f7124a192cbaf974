#pragma once

#include <string>
#include <vector>

#include "regard/engine/onnx_writer.h"
#include "regard/model/quantization.h"

namespace regard {

/// A convolution of a graph whose weights are a parameter of the network.
struct Convolution {
  std::string layer;  ///< its name: that of its weights without ".weight"
  std::string input;  ///< the edge
};

/// The convolutions with parameters, in the graph's order; a layer that is used several times is there as
/// often.
std::vector<Convolution> convolutions_of(const OnnxGraph& graph);

/// Lets the convolutions that `quantization` knows be computed in 8-bit integers: input and weights pass
/// through QuantizeLinear and DequantizeLinear, which runtimes replace by integer arithmetic. Inputs have one
/// scale each, unsigned if they are never negative, else symmetric about zero; weights are symmetric, with a
/// scale per output channel.
void quantize(OnnxGraph& graph, const Quantization& quantization);

/// The weights of a convolution [out, ...] as they are after rounding to 8 bits.
std::vector<float> rounded_weights(const std::vector<float>& weights, std::size_t channels);

}  // namespace regard

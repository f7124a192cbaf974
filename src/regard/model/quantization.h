#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "regard/core/options.h"

namespace regard {

/// What a convolution needs to be computed in 8-bit integers.
struct QuantizedLayer {
  float low = 0, high = 0;  ///< range of its input; values beyond are clipped. low is 0 or negative
  /// Added to its output, one number per channel: minus the mean error that rounding its weights causes.
  std::vector<float> bias = {};
};

/// How a network is computed in 8-bit integers: `regard quantize` measures it, the model file keeps it. Its
/// layers are convolutions, by name ("conv_pw_1"); all others stay in f32.
struct Quantization {
  std::map<std::string, QuantizedLayer, std::less<>> layers = {};
  float temperature = 1;       ///< as NetworkConfig::temperature, of the quantized network
  Json data = Json::object();  ///< the images that ranges were measured on: name, split, count, hash

  bool empty() const { return layers.empty(); }
};

}  // namespace regard

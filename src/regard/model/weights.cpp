#include "regard/model/weights.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "regard/core/error.h"
#include "regard/core/options.h"
#include "regard/core/random.h"

namespace regard {

namespace {

/// Random numbers that depend only on the seed and the name of the weight.
class Generator {
 public:
  Generator(std::uint64_t seed, const std::string& name) : bits_(mixed(seed, name)) {}

  /// In [0, 1).
  double uniform() { return static_cast<double>(bits_.next() >> 11) * 0x1p-53; }

  /// Mean 0, variance 1 (Box and Muller, 1958).
  double normal() {
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }

 private:
  static std::uint64_t mixed(std::uint64_t seed, const std::string& name) {
    std::uint64_t bits = SplitMix64(seed).next();
    for (const unsigned char letter : name) bits = (bits ^ letter) * 0x100000001b3;  // FNV-1a's step
    return bits;
  }

  SplitMix64 bits_;
};

/// Number of inputs per output; for a grouped convolution, those of its group.
double fan_in(const Shape& shape) {
  double product = 1;
  for (std::size_t axis = 1; axis < shape.size(); ++axis) product *= static_cast<double>(shape[axis]);
  return product;
}

void fill(std::vector<float>& values, const ParameterSpec& spec, Generator generator) {
  if (spec.initializer == Initializer::ones) std::fill(values.begin(), values.end(), 1.f);
  if (spec.initializer == Initializer::quarter) std::fill(values.begin(), values.end(), .25f);
  if (spec.initializer == Initializer::he) {
    const double deviation = std::sqrt(2 / fan_in(spec.shape));
    for (auto& value : values) value = static_cast<float>(deviation * generator.normal());
  }
  if (spec.initializer == Initializer::fan_in) {
    const double bound = 1 / std::sqrt(fan_in(spec.shape));
    for (auto& value : values) value = static_cast<float>(bound * (2 * generator.uniform() - 1));
  }
}

void check_weight(const Weights& weights, const ParameterSpec& spec, const std::string& where) {
  const auto found = weights.find(spec.name);
  if (found == weights.end())
    throw Error("weight '" + spec.name + "' is missing", where, to_string(spec.shape));
  const auto& [shape, values] = found->second;
  const std::string place = where + ": " + spec.name;
  if (shape != spec.shape)
    throw Error("weight has the wrong shape", place, to_string(spec.shape), to_string(shape));
  if (static_cast<std::int64_t>(values.size()) != element_count(shape))
    throw Error("weight has the wrong length", place, to_string(shape), std::to_string(values.size()));
  if (!std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); }))
    throw Error("weight holds a value that is not finite", place);
}

}  // namespace

void check_weights(const Weights& weights, const std::vector<ParameterSpec>& specs,
                   const std::string& where) {
  std::vector<std::string> names;
  for (const auto& spec : specs) {
    check_weight(weights, spec, where);
    names.push_back(spec.name);
  }
  std::sort(names.begin(), names.end());
  for (const auto& [name, weight] : weights)
    if (!std::binary_search(names.begin(), names.end(), name))
      throw Error("weight '" + name + "' belongs to no parameter of the network", where);
}

Weights initial_weights(const std::vector<ParameterSpec>& specs, std::uint64_t seed) {
  Weights weights;
  for (const auto& spec : specs) {
    auto& weight = weights[spec.name];
    weight.shape = spec.shape;
    weight.values.resize(static_cast<std::size_t>(element_count(spec.shape)));
    fill(weight.values, spec, Generator(seed, spec.name));
  }
  return weights;
}

}  // namespace regard

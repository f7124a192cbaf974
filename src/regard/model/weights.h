#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "regard/model/tensor_file.h"
#include "regard/ops/spec.h"

namespace regard {

/// A parameter's values, row-major.
struct Weight {
  Shape shape;
  std::vector<float> values;
};

/// A network's parameters and buffers by name, e.g. "conv_pw_1_bn.running_mean".
using Weights = std::map<std::string, Weight, std::less<>>;

/// Throws Error naming the first parameter of `specs` that `weights` lacks, that has another shape or holds a
/// value that is not finite, and the first weight that belongs to no parameter; `where` names the file.
void check_weights(const Weights& weights, const std::vector<ParameterSpec>& specs, const std::string& where);

/// Initial values for every parameter, from its initialiser and a generator seeded with `seed` and the
/// parameter's name, so that they do not depend on the other parameters.
Weights initial_weights(const std::vector<ParameterSpec>& specs, std::uint64_t seed);

}  // namespace regard

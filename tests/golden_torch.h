#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "tests/golden.h"

namespace regard::test {

/// {"shape": ..., "values": ...} of a golden file, in double precision.
inline at::Tensor golden_doubles(const Json& json) {
  return at::tensor(json.at("values").get<std::vector<double>>(), at::kDouble)
      .view(json.at("shape").get<Shape>());
}

}  // namespace regard::test

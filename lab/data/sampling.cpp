#include "lab/data/sampling.h"

#include <cstddef>
#include <string>

#include "regard/core/error.h"

namespace regard {

std::vector<double> sampling_weights(std::span<const int> labels) {
  std::vector<std::size_t> counts;
  for (const int label : labels) {
    if (label < 0)
      throw Error("sample has no majority label", "sampling", "0 or above", std::to_string(label));
    if (static_cast<std::size_t>(label) >= counts.size()) counts.resize(static_cast<std::size_t>(label) + 1);
    ++counts[static_cast<std::size_t>(label)];
  }
  std::vector<double> weights;
  for (const int label : labels)
    weights.push_back(1.0 / static_cast<double>(counts[static_cast<std::size_t>(label)]));
  return weights;
}

}  // namespace regard

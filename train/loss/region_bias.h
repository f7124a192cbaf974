#pragma once

#include <ATen/ATen.h>

namespace regard {

/// Region-biased loss (Wang et al., IEEE TIP 2020, eq. 6): the best region should outweigh the whole face by
/// a margin. weights: [n, k], the whole face first, k >= 2 -> [], the mean over the batch of
///
///     max(0, margin - (max_{i >= 1} w_i - w_0))
inline at::Tensor region_bias_loss(const at::Tensor& weights, double margin) {
  const auto best_region = std::get<0>(weights.slice(1, 1).max(1));
  return at::relu(margin - (best_region - weights.select(1, 0))).mean();
}

}  // namespace regard

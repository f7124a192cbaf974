#pragma once

#include <ATen/ATen.h>

namespace regard {

/// Losses of several tasks, each weighted by learned uncertainty (Kendall, Gal and Cipolla, CVPR 2018, eq.
/// 10, in the form of its section 3.3 that takes s = log sigma^2 for the parameter):
///
///     sum_t exp(-s_t) L_t + s_t
///
/// losses, s: [tasks] -> [].
inline at::Tensor uncertainty_weighted(const at::Tensor& losses, const at::Tensor& s) {
  return (at::exp(-s) * losses + s).sum();
}

}  // namespace regard

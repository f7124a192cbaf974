#pragma once

#include <ATen/ATen.h>

namespace regard {

/// Negative log likelihood of a mixture of experts in which attention chooses the view and each view
/// classifies (Jacobs et al., Neural Computation 1991, eq. 1.3's likelihood), which moves weight to the views
/// that are correct. Our own, not in the paper.
///
/// weights: [n, k], summing to 1; logits: [n, k, classes]; targets: [n, classes], distributions -> [], the
/// mean over the batch of -sum_y t_y log sum_i w_i softmax(logits_i)_y
inline at::Tensor view_likelihood_loss(const at::Tensor& weights, const at::Tensor& logits,
                                       const at::Tensor& targets) {
  const auto joint = at::log_softmax(logits, 2) + weights.clamp_min(1e-12).log().unsqueeze(2);
  return -(targets * at::logsumexp(joint, {1})).sum(1).mean();
}

}  // namespace regard

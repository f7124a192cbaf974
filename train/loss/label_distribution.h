#pragma once

#include <ATen/ATen.h>

namespace regard {

/// Mean over the batch of the cross-entropy between target distributions and softmax(logits); up to the
/// targets' own entropy, which has no gradient, their Kullback-Leibler divergence (Barsoum et al., ICMI 2016,
/// section 4.4). A majority label is a distribution with a single one. logits, targets: [n, classes] -> [].
inline at::Tensor label_distribution_loss(const at::Tensor& logits, const at::Tensor& targets) {
  return -(targets * at::log_softmax(logits, 1)).sum(1).mean();
}

}  // namespace regard

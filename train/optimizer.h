#pragma once

#include <vector>

#include "lab/recipe/schedule.h"
#include "train/torch/ops.h"

namespace regard {

/// Stochastic gradient descent with momentum, in place, and the exponential moving average (EMA) of the
/// weights. All tensors go through torch's foreach ops together, which on a GPU are a few kernels rather than
/// some for each.
class Optimizer {
 public:
  /// `weights` and `specs` must outlive it; the EMA starts as a copy of the weights.
  Optimizer(TorchWeights& weights, const std::vector<ParameterSpec>& specs, const OptimizerOptions& options);

  /// Updates the weights by their gradients, clears these, and updates the EMA (buffers included), whose
  /// decay is at most (1 + step) / (10 + step), so that it forgets the initial weights. Parameters without a
  /// gradient are unchanged.
  void step(double rate, std::int64_t step);

  TorchWeights& momentum() { return momentum_; }
  TorchWeights& ema() { return ema_; }

 private:
  /// Tensors of the same parameters side by side.
  struct Moving {
    std::vector<at::Tensor> weights, gradients, momenta;
  };

  /// The trained parameters with gradients, among the chosen ones.
  template <class Chosen>
  Moving moving(Chosen chosen);
  bool learns_faster(const ParameterSpec& spec) const;
  void clip_gradients(const Moving& all) const;
  void move(const Moving& some, double rate) const;
  void follow(std::int64_t step);

  TorchWeights& weights_;
  const std::vector<ParameterSpec>& specs_;
  OptimizerOptions options_;
  TorchWeights momentum_, ema_;
};

}  // namespace regard

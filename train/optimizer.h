#pragma once

#include <vector>

#include "lab/recipe/schedule.h"
#include "train/torch/ops.h"

namespace regard {

/// Stochastic gradient descent with momentum in place, and the moving average of the weights. All tensors go
/// through torch's foreach ops together, which on a GPU are a few kernels rather than some for each.
class Optimizer {
 public:
  /// `weights` and `specs` must outlive it; the moving average starts as a copy of the weights.
  Optimizer(TorchWeights& weights, const std::vector<ParameterSpec>& specs, const OptimizerOptions& options);

  /// Changes the weights by their gradients, which it clears, then the average (buffers included): its decay
  /// is at most (1 + step) / (10 + step), so that it forgets where it came from. A parameter without a
  /// gradient, which no loss asked for, stays.
  void step(double rate, std::int64_t step);

  TorchWeights& momentum() { return momentum_; }
  TorchWeights& ema() { return ema_; }

 private:
  /// Tensors of the same parameters side by side.
  struct Moving {
    std::vector<at::Tensor> weights, gradients, momenta;
  };

  /// The parameters that are trained and that the loss asked for, of those that `chosen` says.
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

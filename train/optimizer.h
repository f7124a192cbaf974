#pragma once

#include "lab/recipe/recipe.h"
#include "train/torch/ops.h"

namespace regard {

/// Learning rate of step 0 to steps - 1, by the options' schedule. one_cycle (Smith & Topin, 2019): from
/// initial_fraction * learning_rate up to learning_rate by half a cosine within the warm-up, then down to 0
/// by another. steps: rate, times gamma for each of `milestones` that is among the epochs that have passed.
double learning_rate(const OptimizerOptions& options, std::int64_t step, std::int64_t steps,
                     std::int64_t steps_per_epoch);

/// Stochastic gradient descent with momentum in place, and the moving average of the weights.
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
  /// Whether a parameter is trained and the loss asked for it.
  bool moves(const ParameterSpec& spec) const;
  double rate_of(const ParameterSpec& spec, double rate) const;
  void clip_gradients();

  TorchWeights& weights_;
  const std::vector<ParameterSpec>& specs_;
  OptimizerOptions options_;
  TorchWeights momentum_, ema_;
};

}  // namespace regard

#pragma once

#include "lab/recipe/recipe.h"
#include "train/torch/ops.h"

namespace regard {

/// Learning rate of step 0 to steps - 1, by the options' schedule. one_cycle (Smith & Topin, 2019): from
/// initial_fraction * learning_rate up to learning_rate by half a cosine within the warm-up, then down to 0
/// by another. steps: learning_rate, times gamma for each epoch in `milestones` that has passed.
double learning_rate(const OptimizerOptions& options, std::int64_t step, std::int64_t steps,
                     std::int64_t steps_per_epoch);

/// Stochastic gradient descent with momentum, in place, and the exponential moving average (EMA) of the
/// weights.
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
  /// Whether a parameter is trained and has a gradient.
  bool moves(const ParameterSpec& spec) const;
  double rate_of(const ParameterSpec& spec, double rate) const;
  void clip_gradients();

  TorchWeights& weights_;
  const std::vector<ParameterSpec>& specs_;
  OptimizerOptions options_;
  TorchWeights momentum_, ema_;
};

}  // namespace regard

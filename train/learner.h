#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "lab/recipe/recipe.h"
#include "regard/network/network.h"
#include "train/checkpoint.h"
#include "train/data_source.h"
#include "train/objective.h"
#include "train/optimizer.h"
#include "train/world/world.h"

namespace regard {

/// A network in training: its weights, the optimizer's state, and learned loss weights.
class Learner {
 public:
  /// Called with the losses of every step, before any weight changes.
  using OnLosses = std::function<void(const std::vector<LossTerm>&, const TorchWeights& uncertainties)>;

  /// `class_priors` [classes]: of the training targets. The recipe, `specs` and `world` must outlive it.
  Learner(const Recipe& recipe, const NetworkConfig& network, const std::vector<ParameterSpec>& specs,
          const Weights& start, const at::Tensor& class_priors, at::Device device, const World& world);

  /// Re-estimates the statistics of batch norms on a batch, without changing the function.
  void reestimate_batch_norm(const Batch& batch);

  /// One step of gradient descent on this process's part of a batch, by the mean of all processes' gradients.
  /// Returns the mean of their losses [], on the device and without gradient, since reading it would wait for
  /// the device. Batch norms normalise by the statistics of each part; the running ones are the parts' means.
  at::Tensor step(const Batch& batch, const SchedulePlace& place, const OnLosses& on_losses = {});

  /// The EMA of the weights, which becomes the model.
  TorchWeights& ema() { return optimizer_->ema(); }

  /// The contents of a checkpoint.
  CheckpointParts parts();

 private:
  void begin_learning_weights();
  std::vector<at::Tensor> learned() const;
  void learn(const SchedulePlace& place);

  const Recipe& recipe_;
  NetworkConfig network_;
  const std::vector<ParameterSpec>& specs_;
  at::Device device_;
  at::Tensor class_priors_;
  TorchWeights weights_;
  std::optional<Optimizer> optimizer_;
  TorchWeights uncertainties_;
  std::vector<ParameterSpec> uncertainty_specs_;
  std::optional<Optimizer> uncertainty_optimizer_;
  const World& world_;
  std::vector<at::Tensor> statistics_;  // running ones of batch norms
  std::optional<GradientAverage> gradients_;
};

}  // namespace regard

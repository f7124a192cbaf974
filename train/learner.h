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

namespace regard {

/// A network that learns: its weights, what the optimizer knows of them, and the weights of losses where
/// these are learned, too.
class Learner {
 public:
  /// Told of every step's losses, before it changes any weight.
  using OnLosses = std::function<void(const std::vector<LossTerm>&, const TorchWeights& uncertainties)>;

  /// `class_priors` [classes]: of the training targets. The recipe and `specs` must outlive it.
  Learner(const Recipe& recipe, const NetworkConfig& network, const std::vector<ParameterSpec>& specs,
          const Weights& start, const at::Tensor& class_priors, at::Device device);

  /// Gives a start's batch norms the statistics of a batch, keeping what the network computes.
  void reestimate_batch_norm(const Batch& batch);

  /// One step of gradient descent. Its loss [], on the device and without gradient: reading it there would
  /// wait for the device.
  at::Tensor step(const Batch& batch, const SchedulePlace& place, const OnLosses& on_losses = {});

  /// The moving average of the weights, which is what is kept.
  TorchWeights& ema() { return optimizer_->ema(); }

  /// All that a checkpoint must hold.
  CheckpointParts parts();

 private:
  void begin_learning_weights();
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
};

}  // namespace regard

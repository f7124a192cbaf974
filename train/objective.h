#pragma once

#include <string>
#include <vector>

#include "lab/recipe/loss_options.h"
#include "regard/core/options.h"
#include "train/torch/ops.h"

namespace regard {

/// The targets of a batch.
struct Targets {
  at::Tensor classes;       ///< [n, classes], distributions
  at::Tensor pose;          ///< [n, 3], degrees, of the head as the network sees it; NaN if it is not known
  at::Tensor class_priors;  ///< [classes], of all training targets
};

/// What losses are computed from: a network has run over `ops`.
struct LossInputs {
  TorchOps& ops;
  const Targets& targets;
  const LossOptions& options;
  const Json& network;  ///< its options, as the recipe has them
  double done = 0;      ///< share of the steps that are done
};

/// A row of the table of losses.
struct Loss {
  const char* name;  ///< as logs call it
  /// What shares a learned weight: "expression", "attention" (scales and ranking, the hierarchical attention
  /// losses) or "pose"; empty: the weight is never learned.
  const char* task;
  /// Its weight after this fraction of the steps; 0: it does not apply.
  double (*weight)(const LossOptions& options, double done);
  /// The network's outputs that it is computed from.
  std::vector<std::string> (*outputs)(const LossOptions& options);
  at::Tensor (*value)(const LossInputs& inputs);  ///< []
  bool wants_pose = false;                        ///< whether it needs known head poses
};

/// The losses of a step; the first, "answer", is the cross-entropy with the targets.
const std::vector<Loss>& losses();

/// One of the losses of a step.
struct LossTerm {
  std::string name;
  at::Tensor value;  ///< []
  double weight = 1;
  std::string task = {};
};

/// Throws Error if the network lacks an output that a loss needs.
void check_losses(const LossOptions& options, const SpecOps& network, const std::string& where);

/// The class frequencies that a network trained with these options assumes, summing to 1 (Model::prior).
/// `class_priors` [classes]: of the targets as they are sampled.
std::vector<float> assumed_prior(const LossOptions& options, const at::Tensor& class_priors);

/// Whether one of the losses needs known head poses.
bool want_poses(const LossOptions& options);

/// The tasks whose weights a recipe has learned; none if it does not ask for that.
std::vector<std::string> learned_tasks(const LossOptions& options);

/// A step's losses.
std::vector<LossTerm> loss_terms(const LossInputs& inputs);

/// The current weight of a term: its weight, times exp(-s) if its task has a learned s.
double weight_of(const LossTerm& term, const TorchWeights& uncertainties);

/// Their sum. uncertainties: the s of each task whose weight is learned (`uncertainty_weighted`), by name.
at::Tensor total_of(const std::vector<LossTerm>& terms, const TorchWeights& uncertainties);

}  // namespace regard

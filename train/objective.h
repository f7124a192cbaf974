#pragma once

#include <string>
#include <vector>

#include "lab/recipe/loss_options.h"
#include "regard/core/options.h"
#include "train/torch/ops.h"

namespace regard {

/// What is known of a batch.
struct Targets {
  at::Tensor classes;  ///< [n, classes], distributions
  at::Tensor pose;     ///< [n, 3], degrees, of the head as the network sees it; NaN where it is not known
};

/// One of the losses of a step.
struct LossTerm {
  std::string name;  ///< the option that asks for it; "answer": the cross-entropy with the targets
  at::Tensor value;  ///< []
  double weight = 1;
  /// What shares a learned weight: "expression", "attention" (scales and ranking, the hierarchical attention
  /// losses) or "pose"; empty: the weight is never learned.
  std::string task = {};
};

/// The tasks whose weights a recipe has learned; none where it does not ask for that.
std::vector<std::string> learned_tasks(const LossOptions& options);

/// A step's losses, of a network that has run over `ops`, from its outputs. `network`: its options, as the
/// recipe has them; `done`: share of the steps that are done. Throws Error where the network lacks an output
/// that a loss is asked of.
std::vector<LossTerm> loss_terms(TorchOps& ops, const Targets& targets, const LossOptions& options,
                                 const Json& network, double done);

/// How much a term counts by now: its weight, times exp(-s) where its task has a learned s.
double weight_of(const LossTerm& term, const TorchWeights& uncertainties);

/// Their sum. uncertainties: the s of each task whose weight is learned (`uncertainty_weighted`), by name.
at::Tensor total_of(const std::vector<LossTerm>& terms, const TorchWeights& uncertainties);

}  // namespace regard

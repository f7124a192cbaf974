#pragma once

#include <string>
#include <vector>

#include "lab/recipe/loss_options.h"
#include "regard/core/options.h"
#include "train/torch/ops.h"

namespace regard {

/// The targets of a batch.
struct Targets {
  at::Tensor classes;  ///< [n, classes], distributions
  at::Tensor pose;     ///< [n, 3], degrees, of the head as the network sees it; NaN if it is not known
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

/// The tasks whose weights a recipe has learned; none if it does not ask for that.
std::vector<std::string> learned_tasks(const LossOptions& options);

/// The losses of a step, from the outputs of a network that has run over `ops`. `network`: its options in the
/// recipe; `done`: fraction of the steps done. Throws Error if the network lacks an output that a loss needs.
std::vector<LossTerm> loss_terms(TorchOps& ops, const Targets& targets, const LossOptions& options,
                                 const Json& network, double done);

/// The current weight of a term: its weight, times exp(-s) if its task has a learned s.
double weight_of(const LossTerm& term, const TorchWeights& uncertainties);

/// Their sum. uncertainties: the s of each task whose weight is learned (`uncertainty_weighted`), by name.
at::Tensor total_of(const std::vector<LossTerm>& terms, const TorchWeights& uncertainties);

}  // namespace regard

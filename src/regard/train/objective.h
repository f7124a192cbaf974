#pragma once

#include "regard/ops/torch.h"
#include "regard/train/loss_options.h"

namespace regard {

/// The loss of a network that has run over `ops`, from its outputs; targets: [n, classes], distributions.
/// Throws Error where the network lacks an output that a loss is asked of.
at::Tensor objective(const TorchOps& ops, const at::Tensor& targets, const LossOptions& options);

}  // namespace regard

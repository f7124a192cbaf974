#include "regard/train/objective.h"

#include "regard/loss/label_distribution.h"
#include "regard/loss/region_bias.h"
#include "regard/loss/view_likelihood.h"

namespace regard {

namespace {

at::Tensor class_loss(const TorchOps& ops, const at::Tensor& targets, const LossOptions& options) {
  if (options.scored == "face") return label_distribution_loss(ops.output("logits"), targets);
  const auto& logits = ops.output("view_logits");
  const auto repeated = targets.repeat_interleave(logits.size(1), 0);
  return label_distribution_loss(logits.flatten(0, 1), repeated);
}

}  // namespace

at::Tensor objective(const TorchOps& ops, const at::Tensor& targets, const LossOptions& options) {
  auto loss = class_loss(ops, targets, options);
  if (options.region_bias > 0) {
    const auto& weights = ops.output(options.biased == "self" ? "self_attention" : "view_weights");
    loss = loss + options.region_bias * region_bias_loss(weights, options.margin);
  }
  if (options.view_likelihood > 0)
    loss = loss + options.view_likelihood *
                      view_likelihood_loss(ops.output("view_weights"), ops.output("view_logits"), targets);
  return loss;
}

}  // namespace regard

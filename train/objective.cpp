#include "train/objective.h"

#include <algorithm>
#include <map>

#include "regard/network/phanet.h"
#include "train/loss/head_pose.h"
#include "train/loss/label_distribution.h"
#include "train/loss/learned_weights.h"
#include "train/loss/region_bias.h"
#include "train/loss/scales.h"
#include "train/loss/view_likelihood.h"

namespace regard {

namespace {

/// Of every view's own logits [n, k, classes], as if it were an image of its own.
at::Tensor loss_of_views(const at::Tensor& logits, const at::Tensor& targets) {
  return label_distribution_loss(logits.flatten(0, 1), targets.repeat_interleave(logits.size(1), 0));
}

at::Tensor class_loss(const TorchOps& ops, const at::Tensor& targets, const LossOptions& options) {
  if (options.scored == "face") return label_distribution_loss(ops.output("logits"), targets);
  return loss_of_views(ops.output("view_logits"), targets);
}

at::Tensor pose_loss(const TorchOps& ops, const at::Tensor& truth, const PhanetOptions& network) {
  if (network.pose == "classes") return yaw_class_loss(ops.output("pose_logits"), truth, network.yaws);
  return pose_angle_loss(ops.output("pose"), truth);
}

/// Of all proposals, each beside the scale that it was made from.
at::Tensor guide_loss(TorchOps& ops, const PhanetOptions& network, const std::string& guide_to) {
  const auto shares = at::sigmoid(ops.output("proposals"));
  at::Tensor sum = at::zeros({}, shares.options());
  for (std::int64_t s = 0; s < shares.size(1); ++s) {
    const auto places = guide_to == "landmarks"
                            ? middles_within(ops.landmarks(), ops.output("affines").select(1, s))
                            : strongest_places(ops.output("map_" + std::to_string(s)));
    sum = sum + region_guide_loss(shares.select(1, s), network.smallest, network.largest, places);
  }
  return sum / shares.size(1);
}

/// The losses of hierarchical attention.
void add_scale_terms(TorchOps& ops, const Targets& targets, const LossOptions& options,
                     const Json& network_options, double done, std::vector<LossTerm>& terms) {
  const double guide = options.guide * std::max(0., 1 - done / options.guide_until);
  if (options.scales == 0 && options.ranking == 0 && options.pose == 0 && options.saturation == 0 &&
      options.guide == 0)
    return;
  PhanetOptions network;
  from_json(network_options, network, "network options");
  if (options.scales > 0)
    terms.push_back(
        {"scales", loss_of_views(ops.output("scale_logits"), targets.classes), options.scales, "attention"});
  if (options.ranking > 0)
    terms.push_back({"ranking",
                     scale_ranking_loss(ops.output("scale_logits"), targets.classes, options.ranking_margin),
                     options.ranking, "attention"});
  if (options.pose > 0)
    terms.push_back({"pose", pose_loss(ops, targets.pose, network), options.pose, "pose"});
  if (guide > 0) terms.push_back({"guide", guide_loss(ops, network, options.guide_to), guide});
  if (options.saturation > 0)
    terms.push_back({"saturation", saturation_loss(ops.output("proposals")), options.saturation});
}

}  // namespace

std::vector<std::string> learned_tasks(const LossOptions& options) {
  if (!options.learned_weights) return {};
  std::vector<std::string> names{"expression"};
  if (options.scales > 0 || options.ranking > 0) names.emplace_back("attention");
  if (options.pose > 0) names.emplace_back("pose");
  return names;
}

std::vector<LossTerm> loss_terms(TorchOps& ops, const Targets& targets, const LossOptions& options,
                                 const Json& network, double done) {
  std::vector<LossTerm> terms{{"answer", class_loss(ops, targets.classes, options), 1, "expression"}};
  if (options.region_bias > 0) {
    const auto& weights = ops.output(options.biased == "self" ? "self_attention" : "view_weights");
    terms.push_back({"region_bias", region_bias_loss(weights, options.margin), options.region_bias});
  }
  if (options.view_likelihood > 0)
    terms.push_back(
        {"view_likelihood",
         view_likelihood_loss(ops.output("view_weights"), ops.output("view_logits"), targets.classes),
         options.view_likelihood});
  add_scale_terms(ops, targets, options, network, done, terms);
  return terms;
}

double weight_of(const LossTerm& term, const TorchWeights& uncertainties) {
  const auto s = uncertainties.find(term.task);
  return s == uncertainties.end() ? term.weight : term.weight * (-s->second.detach()).exp().item<double>();
}

at::Tensor total_of(const std::vector<LossTerm>& terms, const TorchWeights& uncertainties) {
  at::Tensor sum = at::zeros({}, terms.at(0).value.options());
  std::map<std::string, at::Tensor> of_tasks;
  for (const auto& [name, value, weight, task] : terms) {
    auto& part = uncertainties.contains(task) ? of_tasks[task] : sum;
    part = part.defined() ? part + weight * value : weight * value;
  }
  for (const auto& [task, value] : of_tasks)
    sum = sum + uncertainty_weighted(value.view({1}), uncertainties.at(task));
  return sum;
}

}  // namespace regard

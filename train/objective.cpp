#include "train/objective.h"

#include <algorithm>
#include <map>

#include "regard/core/table.h"
#include "regard/network/phanet.h"
#include "train/loss/balance.h"
#include "train/loss/head_pose.h"
#include "train/loss/learned_weights.h"
#include "train/loss/region_bias.h"
#include "train/loss/scales.h"
#include "train/loss/view_likelihood.h"

namespace regard {

namespace {

using Outputs = std::vector<std::string>;

PhanetOptions phanet_options(const LossInputs& inputs) {
  PhanetOptions options;
  from_json(inputs.network, options, "network options");
  return options;
}

/// Of every view's own logits [n, k, classes], as if it were an image of its own.
at::Tensor loss_of_views(const LossInputs& inputs, const at::Tensor& logits) {
  const auto& targets = inputs.targets.classes;
  return label_distribution_loss(logits.flatten(0, 1), targets.repeat_interleave(logits.size(1), 0));
}

bool scores_views(const LossOptions& options) {
  return options.scored == "views";
}

at::Tensor answer_loss(const LossInputs& inputs) {
  const auto& [ops, targets, options, network, done] = inputs;
  auto logits = ops.output(scores_views(options) ? "view_logits" : "logits");
  auto classes = targets.classes;
  if (scores_views(options)) {
    classes = classes.repeat_interleave(logits.size(1), 0);
    logits = logits.flatten(0, 1);
  }
  const auto& balance = find_row(kBalanceTable, options.balance, "balance");
  return balance.loss(logits, classes, targets.class_priors, options.tau);
}

const char* biased_weights(const LossOptions& options) {
  return find_row(kBiasedWeights, options.biased, "biased weights").output;
}

at::Tensor pose_loss(const LossInputs& inputs) {
  const auto network = phanet_options(inputs);
  const auto& truth = inputs.targets.pose;
  if (network.pose == "classes") return yaw_class_loss(inputs.ops.output("pose_logits"), truth, network.yaws);
  return pose_angle_loss(inputs.ops.output("pose"), truth);
}

/// Of all proposals, each beside the scale that it was made from.
at::Tensor guide_loss(const LossInputs& inputs) {
  auto& ops = inputs.ops;
  const auto network = phanet_options(inputs);
  const auto shares = at::sigmoid(ops.output("proposals"));
  at::Tensor sum = at::zeros({}, shares.options());
  for (std::int64_t s = 0; s < shares.size(1); ++s) {
    const auto places = inputs.options.guide_to == "landmarks"
                            ? middles_within(ops.landmarks(), ops.output("affines").select(1, s))
                            : strongest_places(ops.output("map_" + std::to_string(s)));
    sum = sum + region_guide_loss(shares.select(1, s), network.smallest, network.largest, places);
  }
  return sum / shares.size(1);
}

/// The weight option of this name.
template <float LossOptions::*kWeight>
double weight_option(const LossOptions& options, double) {
  return options.*kWeight;
}

std::vector<Loss> make_losses() {
  return {
      {.name = "answer",
       .task = "expression",
       .weight = [](const LossOptions&, double) { return 1.; },
       .outputs = [](const LossOptions& o) { return Outputs{scores_views(o) ? "view_logits" : "logits"}; },
       .value = answer_loss},
      {.name = "region_bias",
       .task = "",
       .weight = weight_option<&LossOptions::region_bias>,
       .outputs = [](const LossOptions& o) { return Outputs{biased_weights(o)}; },
       .value =
           [](const LossInputs& in) {
             return region_bias_loss(in.ops.output(biased_weights(in.options)), in.options.margin);
           }},
      {.name = "view_likelihood",
       .task = "",
       .weight = weight_option<&LossOptions::view_likelihood>,
       .outputs =
           [](const LossOptions&) {
             return Outputs{"view_weights", "view_logits"};
           },
       .value =
           [](const LossInputs& in) {
             return view_likelihood_loss(in.ops.output("view_weights"), in.ops.output("view_logits"),
                                         in.targets.classes);
           }},
      {.name = "scales",
       .task = "attention",
       .weight = weight_option<&LossOptions::scales>,
       .outputs = [](const LossOptions&) { return Outputs{"scale_logits"}; },
       .value = [](const LossInputs& in) { return loss_of_views(in, in.ops.output("scale_logits")); }},
      {.name = "ranking",
       .task = "attention",
       .weight = weight_option<&LossOptions::ranking>,
       .outputs = [](const LossOptions&) { return Outputs{"scale_logits"}; },
       .value =
           [](const LossInputs& in) {
             return scale_ranking_loss(in.ops.output("scale_logits"), in.targets.classes,
                                       in.options.ranking_margin);
           }},
      {.name = "pose",
       .task = "pose",
       .weight = weight_option<&LossOptions::pose>,
       .outputs = [](const LossOptions&) { return Outputs{"pose"}; },
       .value = pose_loss,
       .wants_pose = true},
      {.name = "guide",
       .task = "",
       .weight = [](const LossOptions& o,
                    double done) { return o.guide * std::max(0., 1 - done / o.guide_until); },
       .outputs = [](const LossOptions&) { return Outputs{"proposals"}; },
       .value = guide_loss},
      {.name = "saturation",
       .task = "",
       .weight = weight_option<&LossOptions::saturation>,
       .outputs = [](const LossOptions&) { return Outputs{"proposals"}; },
       .value = [](const LossInputs& in) { return saturation_loss(in.ops.output("proposals")); }},
  };
}

bool applies(const Loss& loss, const LossOptions& options, double done = 0) {
  return loss.weight(options, done) > 0;
}

}  // namespace

std::vector<float> assumed_prior(const LossOptions& options, const at::Tensor& class_priors) {
  const auto& balance = find_row(kBalanceTable, options.balance, "balance");
  auto prior = balance.assumed(class_priors.to(at::kCPU, at::kDouble), options.tau).clamp_min(kSmallestPrior);
  prior = (prior / prior.sum()).to(at::kFloat).contiguous();
  return {prior.const_data_ptr<float>(), prior.const_data_ptr<float>() + prior.numel()};
}

const std::vector<Loss>& losses() {
  static const auto all = make_losses();
  return all;
}

void check_losses(const LossOptions& options, const SpecOps& network, const std::string& where) {
  std::vector<std::string> known;
  for (const auto* outputs : {&network.outputs(), &network.training_outputs()})
    for (const auto& [name, shape] : *outputs) known.push_back(name);
  for (const auto& loss : losses()) {
    if (!applies(loss, options)) continue;
    for (const auto& output : loss.outputs(options))
      if (std::ranges::find(known, output) == known.end())
        throw Error("network lacks an output that the loss needs", where + ": loss." + loss.name, join(known),
                    output);
  }
}

bool want_poses(const LossOptions& options) {
  return std::ranges::any_of(losses(),
                             [&](const auto& loss) { return loss.wants_pose && applies(loss, options); });
}

std::vector<std::string> learned_tasks(const LossOptions& options) {
  std::vector<std::string> names;
  if (!options.learned_weights) return names;
  for (const auto& loss : losses())
    if (applies(loss, options) && *loss.task && std::ranges::find(names, loss.task) == names.end())
      names.emplace_back(loss.task);
  return names;
}

std::vector<LossTerm> loss_terms(const LossInputs& inputs) {
  std::vector<LossTerm> terms;
  for (const auto& loss : losses())
    if (const double weight = loss.weight(inputs.options, inputs.done); weight > 0)
      terms.push_back({loss.name, loss.value(inputs), weight, loss.task});
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

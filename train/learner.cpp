#include "train/learner.h"

#include "regard/network/table.h"
#include "train/precision.h"
#include "train/random.h"
#include "train/transforms.h"

namespace regard {

namespace {

// Learned weights change by at most a factor of exp(kMostUncertain), since the weight of a loss that can
// reach 0 would grow without limit.
constexpr double kMostUncertain = 2;

}  // namespace

Learner::Learner(const Recipe& recipe, const NetworkConfig& network, const std::vector<ParameterSpec>& specs,
                 const Weights& start, const at::Tensor& class_priors, at::Device device, const World& world)
    : recipe_(recipe),
      network_(network),
      specs_(specs),
      device_(device),
      class_priors_(class_priors.to(device)),
      weights_(to_torch(start, specs, device)),
      world_(world) {
  optimizer_.emplace(weights_, specs_, recipe_.optimizer);
  begin_learning_weights();
  for (const auto& [name, weight] : weights_)
    if (name.ends_with(".running_mean") || name.ends_with(".running_var")) statistics_.push_back(weight);
  gradients_.emplace(world_, learned());
}

/// All that gradients are computed for, in the order of the layers.
std::vector<at::Tensor> Learner::learned() const {
  std::vector<at::Tensor> all;
  for (const auto& spec : specs_)
    if (spec.trained) all.push_back(weights_.at(spec.name));
  for (const auto& [name, s] : uncertainties_) all.push_back(s);
  return all;
}

/// One s for each task whose weight is learned, from 0 on.
void Learner::begin_learning_weights() {
  for (const auto& name : learned_tasks(recipe_.loss)) {
    uncertainties_[name] = at::zeros({1}, at::kFloat).to(device_).set_requires_grad(true);
    uncertainty_specs_.push_back({name, {1}, Initializer::zeros, true, /*decayed=*/false});
  }
  if (!uncertainties_.empty())
    uncertainty_optimizer_.emplace(uncertainties_, uncertainty_specs_, recipe_.optimizer);
}

void Learner::reestimate_batch_norm(const Batch& batch) {
  const at::NoGradGuard no_gradients;
  const auto seen = augment(batch.chips, recipe_.augment, generator(recipe_.seed, Stream::reestimate, 1));
  TorchOps::Options options;
  options.batch_norm = BatchNormMode::reestimate;
  options.frame = seen.frame;
  options.landmarks = batch.landmarks;
  TorchOps ops(weights_, seen.chips, options);
  build_network(ops, network_);
  optimizer_.emplace(weights_, specs_, recipe_.optimizer);  // whose average starts from these weights
}

at::Tensor Learner::step(const Batch& batch, const SchedulePlace& place, const OnLosses& on_losses) {
  const auto randomness = generator(recipe_.seed, Stream::step, place.step * world_.size() + world_.rank());
  const auto seen = augment(batch.chips, recipe_.augment, randomness);
  TorchOps::Options options;
  options.batch_norm = recipe_.batch_norm == "batch" ? BatchNormMode::batch : BatchNormMode::running;
  options.precision = precision_of(recipe_);
  options.training = true;
  options.generator = randomness;
  options.frame = seen.frame;
  options.landmarks = batch.landmarks;
  TorchOps ops(weights_, seen.chips, options);
  build_network(ops, network_);
  const Targets targets{batch.targets, poses_in_frame(batch.poses, seen.frame), class_priors_};
  const auto done = static_cast<double>(place.step) / static_cast<double>(place.steps);
  const auto terms = loss_terms({ops, targets, recipe_.loss, recipe_.options, done});
  const auto loss = total_of(terms, uncertainties_);
  if (on_losses) on_losses(terms, uncertainties_);
  gradients_->prepare(loss);
  loss.backward();
  const auto mean = loss.detach().clone();
  auto averaged = statistics_;
  averaged.push_back(mean);
  world_.average(averaged);
  learn(place);
  return mean;
}

void Learner::learn(const SchedulePlace& place) {
  const auto rate = learning_rate(recipe_.optimizer, place);
  optimizer_->step(rate, place.step);
  if (!uncertainty_optimizer_) return;
  uncertainty_optimizer_->step(rate, place.step);
  const at::NoGradGuard no_gradients;
  for (auto& [name, s] : uncertainties_) s.clamp_(-kMostUncertain, kMostUncertain);
}

CheckpointParts Learner::parts() {
  CheckpointParts all{
      {"weights", &weights_}, {"momentum", &optimizer_->momentum()}, {"ema", &optimizer_->ema()}};
  if (uncertainty_optimizer_) {
    all["uncertainties"] = &uncertainties_;
    all["uncertainties_momentum"] = &uncertainty_optimizer_->momentum();
  }
  return all;
}

}  // namespace regard

#include "train/optimizer.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace regard {

namespace {

double one_cycle_rate(const OptimizerOptions& options, std::int64_t step, std::int64_t steps) {
  const double rising = options.warmup * static_cast<double>(steps);
  const auto place = static_cast<double>(step);
  const auto cosine = [](double from, double to, double share) {
    return to + (from - to) * (1 + std::cos(std::numbers::pi * share)) / 2;
  };
  if (place < rising) return options.learning_rate * cosine(options.initial_fraction, 1, place / rising);
  return options.learning_rate * cosine(1, 0, (place - rising) / (static_cast<double>(steps) - rising));
}

}  // namespace

double learning_rate(const OptimizerOptions& options, std::int64_t step, std::int64_t steps,
                     std::int64_t steps_per_epoch) {
  if (options.schedule == "one_cycle") return one_cycle_rate(options, step, steps);
  const auto epoch = step / steps_per_epoch;
  const auto passed = std::ranges::count_if(options.milestones, [&](int drop) { return drop <= epoch; });
  return options.learning_rate * std::pow(options.gamma, passed);
}

Optimizer::Optimizer(TorchWeights& weights, const std::vector<ParameterSpec>& specs,
                     const OptimizerOptions& options)
    : weights_(weights), specs_(specs), options_(options) {
  for (const auto& spec : specs_) {
    const auto& weight = weights_.at(spec.name);
    ema_[spec.name] = weight.detach().clone();
    if (spec.trained) momentum_[spec.name] = at::zeros_like(weight.detach());
  }
}

bool Optimizer::moves(const ParameterSpec& spec) const {
  return spec.trained && weights_.at(spec.name).grad().defined();
}

double Optimizer::rate_of(const ParameterSpec& spec, double rate) const {
  const auto begins_so = [&](const std::string& layer) { return spec.name.starts_with(layer); };
  return std::ranges::any_of(options_.lr_scale_layers, begins_so) ? options_.lr_scale * rate : rate;
}

void Optimizer::clip_gradients() {
  if (options_.max_grad_norm <= 0) return;
  std::vector<at::Tensor> norms;
  for (const auto& spec : specs_)
    if (moves(spec)) norms.push_back(weights_.at(spec.name).grad().norm());
  const auto factor = (options_.max_grad_norm / (at::stack(norms).norm() + 1e-6)).clamp_max(1);
  for (const auto& spec : specs_)
    if (moves(spec)) weights_.at(spec.name).mutable_grad().mul_(factor);
}

void Optimizer::step(double rate, std::int64_t step) {
  const at::NoGradGuard no_gradients;
  clip_gradients();
  const auto count = static_cast<double>(step);
  const double decay = std::min<double>(options_.ema_decay, (1 + count) / (10 + count));
  for (const auto& spec : specs_) {
    auto& weight = weights_.at(spec.name);
    if (moves(spec)) {
      auto& gradient = weight.mutable_grad();
      auto& momentum = momentum_.at(spec.name);
      if (spec.decayed) gradient.add_(weight, options_.weight_decay);
      momentum.mul_(options_.momentum).add_(gradient);
      weight.sub_(options_.nesterov ? gradient.add_(momentum, options_.momentum) : momentum,
                  rate_of(spec, rate));
      gradient = at::Tensor();
    }
    ema_.at(spec.name).lerp_(weight, 1 - decay);
  }
}

}  // namespace regard

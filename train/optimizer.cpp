#include "train/optimizer.h"

#include <algorithm>

namespace regard {

Optimizer::Optimizer(TorchWeights& weights, const std::vector<ParameterSpec>& specs,
                     const OptimizerOptions& options)
    : weights_(weights), specs_(specs), options_(options) {
  for (const auto& spec : specs_) {
    const auto& weight = weights_.at(spec.name);
    ema_[spec.name] = weight.detach().clone();
    if (spec.trained) momentum_[spec.name] = at::zeros_like(weight.detach());
  }
}

template <class Chosen>
Optimizer::Moving Optimizer::moving(Chosen chosen) {
  Moving moving;
  for (const auto& spec : specs_) {
    auto& weight = weights_.at(spec.name);
    if (!spec.trained || !weight.grad().defined() || !chosen(spec)) continue;
    moving.weights.push_back(weight);
    moving.gradients.push_back(weight.mutable_grad());
    moving.momenta.push_back(momentum_.at(spec.name));
  }
  return moving;
}

bool Optimizer::learns_faster(const ParameterSpec& spec) const {
  return std::ranges::any_of(options_.lr_scale_layers,
                             [&](const auto& layer) { return spec.name.starts_with(layer); });
}

void Optimizer::clip_gradients(const Moving& all) const {
  if (options_.max_grad_norm <= 0 || all.gradients.empty()) return;
  const auto norm = at::stack(at::_foreach_norm(all.gradients)).norm();
  at::_foreach_mul_(all.gradients, (options_.max_grad_norm / (norm + 1e-6)).clamp_max(1));
}

void Optimizer::move(const Moving& some, double rate) const {
  if (some.weights.empty()) return;
  at::_foreach_mul_(some.momenta, options_.momentum);
  at::_foreach_add_(some.momenta, some.gradients);
  if (options_.nesterov) at::_foreach_add_(some.gradients, some.momenta, options_.momentum);
  at::_foreach_sub_(some.weights, options_.nesterov ? some.gradients : some.momenta, rate);
}

/// Updates the EMA, buffers included.
void Optimizer::follow(std::int64_t step) {
  const auto count = static_cast<double>(step);
  const double decay = std::min<double>(options_.ema_decay, (1 + count) / (10 + count));
  std::vector<at::Tensor> averages, weights;
  for (const auto& spec : specs_) {
    averages.push_back(ema_.at(spec.name));
    weights.push_back(weights_.at(spec.name));
  }
  at::_foreach_lerp_(averages, weights, 1 - decay);
}

void Optimizer::step(double rate, std::int64_t step) {
  const at::NoGradGuard no_gradients;
  clip_gradients(moving([](const auto&) { return true; }));
  const auto decayed = moving([](const auto& spec) { return spec.decayed; });
  if (!decayed.weights.empty()) at::_foreach_add_(decayed.gradients, decayed.weights, options_.weight_decay);
  move(moving([this](const auto& spec) { return !learns_faster(spec); }), rate);
  move(moving([this](const auto& spec) { return learns_faster(spec); }), options_.lr_scale * rate);
  for (auto& [name, weight] : weights_)
    if (weight.grad().defined()) weight.mutable_grad() = at::Tensor();
  follow(step);
}

}  // namespace regard

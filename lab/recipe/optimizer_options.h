#pragma once

#include <string>
#include <vector>

namespace regard {

/// Stochastic gradient descent with momentum, its rate by a schedule, and a moving average of the weights.
struct OptimizerOptions {
  std::string schedule = "one_cycle";
  float learning_rate = 0.02f;
  float warmup = 0.25f;
  float initial_fraction = 0.04f;
  std::vector<int> milestones{15, 30};
  float gamma = 0.1f;
  float momentum = 0.9f;
  bool nesterov = true;
  float weight_decay = 5e-4f;
  float max_grad_norm = 5;
  float ema_decay = 0.998f;
  std::vector<std::string> lr_scale_layers{};
  float lr_scale = 10;

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("schedule", schedule,
          "of the rate: one_cycle (it rises, then falls to 0; Smith & Topin, 2019) or steps (it drops after "
          "some epochs)");
    visit("learning_rate", learning_rate, "highest learning rate");
    visit("warmup", warmup,
          "one_cycle: share of the steps in which the rate rises, by half a cosine; then it falls to 0");
    visit("initial_fraction", initial_fraction, "one_cycle: the first rate, as a share of the highest");
    visit("milestones", milestones, "steps: the epochs after which the rate drops");
    visit("gamma", gamma, "steps: what the rate is multiplied by then");
    visit("momentum", momentum, "of the gradient");
    visit("nesterov", nesterov, "momentum in Nesterov's form, else the plain one");
    visit("weight_decay", weight_decay, "of matrices and kernels; biases and batch norms have none");
    visit("max_grad_norm", max_grad_norm, "longest gradient, all parameters together; 0: no limit");
    visit("ema_decay", ema_decay, "decay a step of the moving average of the weights, which is what is kept");
    visit("lr_scale_layers", lr_scale_layers,
          "layers whose names begin so learn at a higher rate, e.g. those that begin at random behind others "
          "that do not");
    visit("lr_scale", lr_scale, "what the rate is multiplied by for them");
  }
};

}  // namespace regard

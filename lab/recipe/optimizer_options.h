#pragma once

#include <string>
#include <vector>

namespace regard {

/// Stochastic gradient descent with momentum, a learning rate schedule, and an exponential moving average
/// (EMA) of the weights.
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
          "learning rate schedule: one_cycle (rises, then falls to 0; Smith & Topin, 2019) or steps (drops "
          "at milestones)");
    visit("learning_rate", learning_rate, "highest learning rate");
    visit("warmup", warmup,
          "one_cycle: fraction of the steps in which the learning rate rises, by half a cosine; then it "
          "falls to 0");
    visit("initial_fraction", initial_fraction,
          "one_cycle: initial learning rate, as a fraction of the highest");
    visit("milestones", milestones, "steps: epochs after which the learning rate drops");
    visit("gamma", gamma, "steps: factor of each drop");
    visit("momentum", momentum, "of the gradient");
    visit("nesterov", nesterov, "use Nesterov momentum");
    visit("weight_decay", weight_decay,
          "weight decay of matrices and kernels; biases and batch norms have none");
    visit("max_grad_norm", max_grad_norm, "maximum norm of the gradient over all parameters; 0: no limit");
    visit("ema_decay", ema_decay,
          "decay per step of the exponential moving average of the weights, which becomes the model");
    visit("lr_scale_layers", lr_scale_layers,
          "parameter group with a learning rate of its own: layers whose names start with one of these, e.g. "
          "layers without pretrained weights");
    visit("lr_scale", lr_scale, "factor of the learning rate of lr_scale_layers");
  }
};

}  // namespace regard

#include "train/optimizer.h"

#include <gtest/gtest.h>

namespace regard {
namespace {

/// Two steps by hand: v = .9 v + g + decay w; w -= rate (g + decay w + .9 v).
TEST(Optimizer, StepsAsNesterovWithDecayOfMatricesOnly) {
  const std::vector<ParameterSpec> specs{{"matrix", {1}, Initializer::zeros, true, true},
                                         {"bias", {1}, Initializer::zeros, true, false},
                                         {"buffer", {1}, Initializer::zeros, false, false}};
  auto weights = to_torch({{"matrix", {{1}, {2}}}, {"bias", {{1}, {2}}}, {"buffer", {{1}, {5}}}}, specs);
  Optimizer optimizer(weights, specs,
                      {.momentum = .9f, .weight_decay = .1f, .max_grad_norm = 0, .ema_decay = .5f});
  double matrix = 2, bias = 2, matrix_speed = 0, bias_speed = 0, average = 2;
  for (std::int64_t step = 0; step < 2; ++step) {
    (weights.at("matrix") * 3 + weights.at("bias") * 4).sum().backward();
    optimizer.step(.01, step);
    const double gradient = 3 + .1 * matrix;
    matrix_speed = .9 * matrix_speed + gradient;
    matrix -= .01 * (gradient + .9 * matrix_speed);
    bias_speed = .9 * bias_speed + 4;
    bias -= .01 * (4 + .9 * bias_speed);
    const double decay = std::min(.5, (1. + step) / (10. + step));
    average = decay * average + (1 - decay) * matrix;
  }
  EXPECT_NEAR(weights.at("matrix").item<double>(), matrix, 1e-6);
  EXPECT_NEAR(weights.at("bias").item<double>(), bias, 1e-6);
  EXPECT_NEAR(optimizer.ema().at("matrix").item<double>(), average, 1e-6);
  EXPECT_EQ(weights.at("buffer").item<double>(), 5);
}

TEST(Optimizer, SomeLayersLearnFaster) {
  const std::vector<ParameterSpec> specs{{"fc.bias", {1}, Initializer::zeros, true, false},
                                         {"gate.bias", {1}, Initializer::zeros, true, false}};
  auto weights = to_torch({{"fc.bias", {{1}, {0}}}, {"gate.bias", {{1}, {0}}}}, specs);
  Optimizer optimizer(weights, specs,
                      {.momentum = 0, .max_grad_norm = 0, .lr_scale_layers = {"gate"}, .lr_scale = 4});
  (weights.at("fc.bias") + weights.at("gate.bias")).sum().backward();
  optimizer.step(.01, 0);
  EXPECT_NEAR(weights.at("fc.bias").item<double>(), -.01, 1e-8);
  EXPECT_NEAR(weights.at("gate.bias").item<double>(), -.04, 1e-8);
}

/// v = .9 v + g; w -= rate v.
TEST(Optimizer, StepsWithPlainMomentum) {
  const std::vector<ParameterSpec> specs{{"w", {1}, Initializer::zeros, true, false}};
  auto weights = to_torch({{"w", {{1}, {2}}}}, specs);
  Optimizer optimizer(weights, specs,
                      {.momentum = .9f, .nesterov = false, .max_grad_norm = 0, .ema_decay = 0});
  for (std::int64_t step = 0; step < 2; ++step) {
    (weights.at("w") * 3).sum().backward();
    optimizer.step(.01, step);
  }
  EXPECT_NEAR(weights.at("w").item<double>(), 2 - .01 * 3 - .01 * (.9 * 3 + 3), 1e-6);
  EXPECT_EQ(optimizer.ema().at("w").item<double>(), weights.at("w").item<double>());
}

TEST(Optimizer, ClipsTheWholeGradient) {
  const std::vector<ParameterSpec> specs{{"a", {1}, Initializer::zeros, true, false},
                                         {"b", {1}, Initializer::zeros, true, false}};
  auto weights = to_torch({{"a", {{1}, {0}}}, {"b", {{1}, {0}}}}, specs);
  Optimizer optimizer(weights, specs, {.momentum = 0, .weight_decay = 0, .max_grad_norm = 1});
  (weights.at("a") * 30 + weights.at("b") * 40).sum().backward();
  optimizer.step(1, 0);
  EXPECT_NEAR(weights.at("a").item<double>(), -.6, 1e-5);
  EXPECT_NEAR(weights.at("b").item<double>(), -.8, 1e-5);
}

}  // namespace
}  // namespace regard

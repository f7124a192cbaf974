#include "train/loss/learned_weights.h"

#include "train/loss/golden_test.h"

namespace regard {
namespace {

using namespace test;

/// The golden values come from tests/golden/phanet.py.
TEST(LearnedWeights, EqualTheGoldenValueAndGradient) {
  const auto golden = golden_loss("uncertain");
  const auto s = tensor_of(golden.at("s"));
  expect_golden(uncertainty_weighted(tensor_of(golden.at("losses")), s), s, golden);
}

/// At the minimum over s, each loss counts by its inverse.
TEST(LearnedWeights, SettleAtTheLogarithmOfTheLoss) {
  const auto losses = at::tensor({.1, 1., 7.}, at::kDouble);
  const auto s = losses.log().set_requires_grad(true);
  const auto gradient = torch::autograd::grad({uncertainty_weighted(losses, s)}, {s})[0];
  EXPECT_LT(gradient.abs().max().item<double>(), 1e-12);
}

}  // namespace
}  // namespace regard

#include "train/loss/view_likelihood.h"

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "tests/golden_torch.h"

namespace regard {
namespace {

using test::golden_doubles;

/// tests/golden/region_attention.json comes from the NumPy script beside it; gradients by central
/// differences.
TEST(ViewLikelihood, EqualsTheGoldenValueAndGradients) {
  const auto golden = test::golden("region_attention").at("losses").at("view_likelihood");
  const auto weights = golden_doubles(golden.at("weights")).set_requires_grad(true),
             logits = golden_doubles(golden.at("logits")).set_requires_grad(true);
  const auto loss = view_likelihood_loss(weights, logits, golden_doubles(golden.at("targets")));
  EXPECT_NEAR(loss.item<double>(), golden.at("loss").get<double>(), 1e-9);
  const auto gradients = torch::autograd::grad({loss}, {weights, logits});
  const auto& expected = golden.at("gradients");
  EXPECT_LT((gradients[0] - golden_doubles(expected.at("weights"))).abs().max().item<double>(), 1e-7);
  EXPECT_LT((gradients[1] - golden_doubles(expected.at("logits"))).abs().max().item<double>(), 1e-7);
}

/// A view of no weight has no say, and is no error.
TEST(ViewLikelihood, ViewsWithoutWeightCountForNothing) {
  const auto logits = at::randn({2, 3, 4}, at::kDouble), targets = at::eye(4, at::kDouble).slice(0, 0, 2);
  const auto weights = at::tensor({.5, .5, 0., .5, .5, 0.}, at::kDouble).view({2, 3});
  const auto without =
      view_likelihood_loss(weights.slice(1, 0, 2), logits.slice(1, 0, 2), targets).item<double>();
  EXPECT_NEAR(view_likelihood_loss(weights, logits, targets).item<double>(), without, 1e-9);
}

}  // namespace
}  // namespace regard

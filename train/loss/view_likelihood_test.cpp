#include "train/loss/view_likelihood.h"

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "tests/golden.h"

namespace regard {
namespace {

at::Tensor as_torch(const Json& json) {
  return at::tensor(json.at("values").get<std::vector<double>>(), at::kDouble)
      .view(json.at("shape").get<Shape>());
}

/// tests/golden/region_attention.json comes from the NumPy script beside it; gradients by central
/// differences.
TEST(ViewLikelihood, EqualsTheGoldenValueAndGradients) {
  const auto golden = test::golden("region_attention").at("losses").at("view_likelihood");
  const auto weights = as_torch(golden.at("weights")).set_requires_grad(true),
             logits = as_torch(golden.at("logits")).set_requires_grad(true);
  const auto loss = view_likelihood_loss(weights, logits, as_torch(golden.at("targets")));
  EXPECT_NEAR(loss.item<double>(), golden.at("loss").get<double>(), 1e-9);
  const auto gradients = torch::autograd::grad({loss}, {weights, logits});
  const auto& expected = golden.at("gradients");
  EXPECT_LT((gradients[0] - as_torch(expected.at("weights"))).abs().max().item<double>(), 1e-7);
  EXPECT_LT((gradients[1] - as_torch(expected.at("logits"))).abs().max().item<double>(), 1e-7);
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

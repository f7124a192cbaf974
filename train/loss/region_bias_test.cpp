#include "train/loss/region_bias.h"

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "tests/golden_torch.h"

namespace regard {
namespace {

using test::golden_doubles;

/// tests/golden/region_attention.json comes from the NumPy script beside it: faces within and beyond each
/// margin, gradients by central differences.
TEST(RegionBias, EqualsTheGoldenValuesAndGradients) {
  const auto golden = test::golden("region_attention").at("losses").at("region_bias");
  const auto weights = golden_doubles(golden.at("weights")).set_requires_grad(true);
  for (const auto& example : golden.at("cases")) {
    const double margin = example.at("margin");
    SCOPED_TRACE(margin);
    const auto loss = region_bias_loss(weights, margin);
    EXPECT_NEAR(loss.item<double>(), example.at("loss").get<double>(), 1e-12);
    const auto gradient = torch::autograd::grad({loss}, {weights})[0];
    EXPECT_LT((gradient - golden_doubles(example.at("gradient"))).abs().max().item<double>(), 1e-8);
  }
}

}  // namespace
}  // namespace regard

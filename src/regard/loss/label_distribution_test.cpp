#include "regard/loss/label_distribution.h"

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "regard/core/file.h"
#include "regard/core/options.h"

namespace regard {
namespace {

/// tests/golden/label_distribution.json comes from the NumPy script beside it.
TEST(LabelDistribution, EqualsTheGoldenValueAndGradient) {
  const auto golden =
      Json::parse(read_text(std::string(REGARD_SOURCE_DIR) + "/tests/golden/label_distribution.json"));
  const auto tensor = [&](const char* key) {
    return at::tensor(golden.at(key).get<std::vector<double>>(), at::kDouble).view({3, 8});
  };
  const auto logits = tensor("logits").set_requires_grad(true);
  const auto loss = label_distribution_loss(logits, tensor("targets"));
  EXPECT_NEAR(loss.item<double>(), golden.at("loss").get<double>(), 1e-12);
  const auto gradient = torch::autograd::grad({loss}, {logits})[0];
  EXPECT_LT((gradient - tensor("gradient")).abs().max().item<double>(), 1e-9);
}

}  // namespace
}  // namespace regard

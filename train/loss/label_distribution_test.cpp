#include "train/loss/label_distribution.h"

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "regard/core/file.h"
#include "regard/core/options.h"
#include "tests/golden.h"

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

/// It is the Kullback-Leibler divergence and the targets' own entropy, with the divergence's gradient.
TEST(LabelDistribution, IsTheDivergenceUpToTheTargetsEntropy) {
  const auto golden = test::golden("region_attention").at("losses").at("divergence");
  const auto tensor = [&](const char* key) {
    return at::tensor(golden.at(key).at("values").get<std::vector<double>>(), at::kDouble)
        .view(golden.at(key).at("shape").get<std::vector<std::int64_t>>());
  };
  const auto logits = tensor("logits").set_requires_grad(true), targets = tensor("targets");
  const auto entropy = -at::xlogy(targets, targets).sum(1).mean();
  const auto loss = label_distribution_loss(logits, targets);
  EXPECT_NEAR((loss - entropy).item<double>(), golden.at("loss").get<double>(), 1e-9);
  const auto gradient = torch::autograd::grad({loss}, {logits})[0];
  EXPECT_LT((gradient - tensor("gradient")).abs().max().item<double>(), 1e-8);
}

}  // namespace
}  // namespace regard

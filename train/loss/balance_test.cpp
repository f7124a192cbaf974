#include "train/loss/balance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>

#include "regard/core/file.h"
#include "regard/core/options.h"
#include "regard/core/table.h"

namespace regard {
namespace {

/// tests/golden/label_distribution.json comes from the NumPy script beside it.
class BalanceTest : public testing::Test {
 protected:
  at::Tensor tensor(const Json& values) { return at::tensor(values.get<std::vector<double>>(), at::kDouble); }

  void expect_golden(const Json& golden, const at::Tensor& loss) {
    EXPECT_NEAR(loss.item<double>(), golden.at("loss").get<double>(), 1e-12);
    const auto gradient = torch::autograd::grad({loss}, {logits_})[0];
    EXPECT_LT((gradient - tensor(golden.at("gradient")).view({3, 8})).abs().max().item<double>(), 1e-8);
  }

  Json golden_ = Json::parse(read_text(REGARD_SOURCE_DIR "/tests/golden/label_distribution.json"));
  at::Tensor logits_ = tensor(golden_.at("logits")).view({3, 8}).set_requires_grad(true);
  at::Tensor targets_ = tensor(golden_.at("targets")).view({3, 8});
  at::Tensor priors_ = tensor(golden_.at("priors"));
};

TEST_F(BalanceTest, ClassWeightsEqualTheGoldenValueAndGradient) {
  expect_golden(golden_.at("class_weighted"), class_weighted_loss(logits_, targets_, priors_));
}

TEST_F(BalanceTest, LogitAdjustmentEqualsTheGoldenValueAndGradient) {
  const auto tau = golden_.at("tau").get<double>();
  expect_golden(golden_.at("logit_adjusted"), logit_adjusted_loss(logits_, targets_, priors_, tau));
}

TEST_F(BalanceTest, ClassesThatComeEquallyOftenNeedNone) {
  const auto plain = label_distribution_loss(logits_, targets_).item<double>();
  const auto equal = at::full({8}, .125, at::kDouble);
  for (const auto& row : kBalanceTable)
    EXPECT_NEAR(row.loss(logits_, targets_, equal, 1).item<double>(), plain, 1e-12) << row.name;
}

TEST_F(BalanceTest, OutputsAssumeWhatTheirLossTellsThem) {
  const auto assumed = [&](const char* name, double tau) {
    const auto prior = find_row(kBalanceTable, name, "balance").assumed(priors_, tau);
    return prior / prior.sum();
  };
  const auto equal = at::full({8}, .125, at::kDouble);
  EXPECT_TRUE(assumed("none", 1).allclose(priors_));
  EXPECT_TRUE(assumed("class_weights", 1).allclose(equal));
  EXPECT_TRUE(assumed("logit_adjusted", 1).allclose(equal));
  EXPECT_TRUE(assumed("logit_adjusted", 0).allclose(priors_));
}

TEST_F(BalanceTest, AClassThatNeverComesLeavesAllFinite) {
  targets_ = at::one_hot(at::arange(3), 8).to(at::kDouble);
  priors_ = targets_.mean(0);
  for (const auto& row : kBalanceTable) {
    const auto loss = row.loss(logits_, targets_, priors_, 1);
    EXPECT_TRUE(torch::autograd::grad({loss}, {logits_})[0].isfinite().all().item<bool>()) << row.name;
  }
}

}  // namespace
}  // namespace regard

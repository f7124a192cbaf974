#include "train/order.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support.h"

namespace regard {
namespace {

TEST(OrderOfEpoch, HasEveryRowOnce) {
  const auto order = order_of_epoch(at::zeros({50}, at::kLong), false, at::detail::createCPUGenerator(1));
  EXPECT_TRUE(std::get<0>(order.sort()).equal(at::arange(50)));
  EXPECT_FALSE(order.equal(at::arange(50)));
}

/// 950 of one label and 50 of another: half of the rows drawn are of each, within five deviations.
TEST(OrderOfEpoch, DrawsEveryLabelEquallyOftenToOversample) {
  const auto labels = at::cat({at::zeros({950}, at::kLong), at::ones({50}, at::kLong)});
  const auto order = order_of_epoch(labels, true, at::detail::createCPUGenerator(1));
  EXPECT_EQ(order.numel(), 1000);
  EXPECT_NEAR(labels.index_select(0, order).sum().item<double>(), 500, 80);
}

TEST(OrderOfEpoch, WantsLabelsToOversample) {
  EXPECT_THAT(test::error_of(
                  [] { order_of_epoch(-at::ones({3}, at::kLong), true, at::detail::createCPUGenerator(1)); }),
              testing::HasSubstr("no majority label"));
}

}  // namespace
}  // namespace regard

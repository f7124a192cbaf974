#include "lab/recipe/schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support.h"

namespace regard {
namespace {

TEST(OneCycle, RisesToTheRateAndFallsToNothing) {
  const OptimizerOptions options{.learning_rate = 0.1f, .warmup = 0.25f, .initial_fraction = 0.04f};
  const auto rate = [&](std::int64_t step) { return learning_rate(options, {step, 100, 10}); };
  EXPECT_NEAR(rate(0), .004, 1e-7);
  EXPECT_NEAR(rate(25), .1, 1e-7);
  EXPECT_NEAR(rate(62) + rate(63), .1, 1e-7);
  EXPECT_LT(rate(99), 1e-4);
}

TEST(Steps, DropAfterTheirEpochs) {
  const OptimizerOptions options{.schedule = "steps", .learning_rate = 0.01f, .milestones = {15, 30}};
  const auto rate_of_epoch = [&](int epoch) { return learning_rate(options, {7 * epoch + 3, 280, 7}); };
  for (const auto& [epoch, rate] :
       {std::pair{0, .01}, {14, .01}, {15, .001}, {29, .001}, {30, 1e-4}, {39, 1e-4}})
    EXPECT_NEAR(rate_of_epoch(epoch), rate, 1e-8) << epoch;
}

TEST(Schedule, AnUnknownOneIsAnErrorThatListsTheKnown) {
  EXPECT_THAT(test::error_of([] {
                learning_rate({.schedule = "cosine"}, {0, 1, 1});
              }),
              testing::AllOf(testing::HasSubstr("cosine"), testing::HasSubstr("one_cycle, steps")));
}

}  // namespace
}  // namespace regard

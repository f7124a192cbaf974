#include "lab/data/sampling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support.h"

namespace regard {
namespace {

TEST(SamplingWeights, EveryClassWeighsTheSame) {
  const std::vector<int> labels{2, 0, 2, 2, 0, 5};
  EXPECT_THAT(sampling_weights(labels), testing::ElementsAre(1 / 3., 1 / 2., 1 / 3., 1 / 3., 1 / 2., 1));
  EXPECT_TRUE(sampling_weights({}).empty());
}

TEST(SamplingWeights, ASampleWithoutLabelIsAnError) {
  EXPECT_THAT(test::error_of([] {
                sampling_weights(std::vector<int>{0, -1});
              }),
              testing::HasSubstr("no majority label"));
}

}  // namespace
}  // namespace regard

#include "regard/openvino/batches.h"

#include <gmock/gmock.h>

#include <utility>
#include <vector>

namespace regard {
namespace {

using testing::ElementsAre;
using testing::Pair;

std::vector<std::pair<std::size_t, std::size_t>> batches_of(std::size_t count) {
  std::vector<std::pair<std::size_t, std::size_t>> batches;
  in_batches(count, [&](std::size_t first, std::size_t size) { batches.emplace_back(first, size); });
  return batches;
}

TEST(Batches, AreFullAndThenOfOne) {
  ASSERT_EQ(kLargestBatch, 4);
  EXPECT_THAT(batches_of(0), ElementsAre());
  EXPECT_THAT(batches_of(3), ElementsAre(Pair(0, 1), Pair(1, 1), Pair(2, 1)));
  EXPECT_THAT(batches_of(10), ElementsAre(Pair(0, 4), Pair(4, 4), Pair(8, 1), Pair(9, 1)));
}

}  // namespace
}  // namespace regard

#include "train/data_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support.h"
#include "train/order.h"
#include "train/random.h"

namespace regard {
namespace {

using test::error_of;
using testing::HasSubstr;

constexpr Landmarks kMean{{{.3f, .4f}, {.7f, .4f}, {.5f, .6f}, {.35f, .8f}, {.65f, .8f}}};

/// Ten images of two classes; image i has pixels of value i, odd ones know their pose, the third its
/// landmarks.
class Source : public testing::Test {
 protected:
  Source() {
    std::vector<Sample> samples;
    std::vector<std::uint8_t> chips;
    for (int i = 0; i < 10; ++i) {
      Sample sample{std::to_string(i), "train", i < 8 ? 0 : 1, {.75f, .25f}};
      if (i % 2) sample.pose = HeadPose{static_cast<float>(i), 2, 3};
      if (i == 3) sample.landmarks = Landmarks{};
      samples.push_back(sample);
      chips.insert(chips.end(), 3 * 4, static_cast<std::uint8_t>(i));
    }
    write_packed(folder_ / "data.pack", "made", {"a", "b"}, "made", 3, 2, samples, chips);
    data_ = PackedDataset::open(folder_ / "data.pack");
  }

  DataSource source(bool by_majority) { return {data_, {9, 3, 4}, by_majority, kMean}; }

  test::TemporaryFolder folder_;
  PackedDataset data_;
};

TEST_F(Source, GivesTheRowsThatAreAskedFor) {
  const auto batch = source(true).batch(at::tensor({1, 0, 1}, at::kLong));
  EXPECT_EQ(batch.chips.sizes(), (at::IntArrayRef{3, 3, 2, 2}));
  EXPECT_TRUE(batch.chips.select(1, 0).select(1, 0).select(1, 0).to(at::kLong).equal(
      at::tensor({3, 9, 3}, at::kLong)));
  EXPECT_TRUE(batch.targets.equal(at::tensor({1.f, 0.f, 0.f, 1.f, 1.f, 0.f}).view({3, 2})));
  EXPECT_EQ(batch.poses[0][0].item<float>(), 3);
  EXPECT_EQ(batch.landmarks[0][0][0].item<float>(), 0) << "its own";
  EXPECT_EQ(batch.landmarks[1][0][0].item<float>(), .3f) << "the mean";
}

TEST_F(Source, TargetsAreDistributionsOrTheMajority) {
  EXPECT_TRUE(source(false).class_priors().allclose(at::tensor({.75f, .25f})));
  EXPECT_TRUE(source(true).class_priors().allclose(at::tensor({2 / 3.f, 1 / 3.f})));
}

TEST_F(Source, KnowsWhetherThereArePoses) {
  EXPECT_TRUE(source(true).knows_poses());
  EXPECT_FALSE(DataSource(data_, {0, 2}, true, kMean).knows_poses());
  EXPECT_TRUE(DataSource(data_, {0, 2}, true, kMean).batch(at::arange(2)).poses.isnan().all().item<bool>());
}

TEST_F(Source, HasNoMoreInMemoryThanABatch) {
  const auto few = source(true), many = DataSource(data_, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, true, kMean);
  EXPECT_EQ(few.batch(at::zeros({1}, at::kLong)).chips.nbytes(),
            many.batch(at::zeros({1}, at::kLong)).chips.nbytes());
}

TEST(Orders, GoThroughEveryImageOnceAnEpoch) {
  BatchOrder order(at::zeros({11}, at::kLong), {.seed = 3, .batch = 4}, "r");
  EXPECT_EQ(order.steps_per_epoch(), 2);
  const auto epoch = at::cat({order.rows(0), order.rows(1)}), next = at::cat({order.rows(2), order.rows(3)});
  EXPECT_EQ(std::get<0>(at::unique_dim(epoch, 0)).numel(), 8);
  EXPECT_FALSE(epoch.equal(next));
  const auto whole = order_of_epoch(at::zeros({11}, at::kLong), false, generator(3, Stream::order, 1));
  EXPECT_TRUE(next.equal(whole.slice(0, 0, 8)));
  EXPECT_TRUE(order.rows(0).equal(epoch.slice(0, 0, 4))) << "also out of order";
}

/// 380 of one label and 20 of another: half of all rows are of each, within five standard deviations.
TEST(Orders, OversampleByLabel) {
  const auto labels = at::cat({at::zeros({380}, at::kLong), at::ones({20}, at::kLong)});
  BatchOrder usual(labels, {.batch = 400}, "r"), even(labels, {.batch = 400, .oversample = true}, "r");
  EXPECT_EQ(labels.index_select(0, usual.rows(0)).sum().item<std::int64_t>(), 20);
  EXPECT_NEAR(labels.index_select(0, even.rows(0)).sum().item<double>(), 200, 50);
}

TEST(Orders, ShardsShareABatch) {
  const auto labels = at::zeros({20}, at::kLong);
  BatchOrder whole(labels, {.batch = 7}, "r"), first(labels, {.batch = 7, .shard = {0, 2}}, "r"),
      second(labels, {.batch = 7, .shard = {1, 2}}, "r");
  EXPECT_EQ(first.rows(1).numel(), 3);
  EXPECT_TRUE(at::cat({first.rows(1), second.rows(1)}).equal(whole.rows(1)));
}

TEST(Orders, ABatchIsNoLargerThanTheData) {
  EXPECT_THAT(error_of([] { BatchOrder(at::zeros({3}, at::kLong), {.batch = 4}, "r"); }),
              testing::AllOf(HasSubstr("r: batch is larger"), HasSubstr("at most 3, got 4")));
}

}  // namespace
}  // namespace regard

#include "regard/core/bounded_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace regard {
namespace {

TEST(BoundedQueueTest, GivesItemsInOrderAndEndsWhenClosed) {
  BoundedQueue<std::unique_ptr<int>> queue(3);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(queue.push(std::make_unique<int>(i)));
  queue.close();
  EXPECT_FALSE(queue.push(std::make_unique<int>(3)));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(*queue.pop().value(), i);
  EXPECT_FALSE(queue.pop());
}

TEST(BoundedQueueTest, AFullQueueCanBeTried) {
  BoundedQueue<int> queue(1);
  EXPECT_TRUE(queue.try_push(1));
  EXPECT_FALSE(queue.try_push(2));
  EXPECT_EQ(queue.pop(), 1);
  queue.close();
  EXPECT_FALSE(queue.try_push(3));
}

TEST(BoundedQueueTest, CancelDropsWhatIsLeft) {
  const auto item = std::make_shared<int>(1);
  BoundedQueue<std::shared_ptr<int>> queue(2);
  queue.push(item);
  queue.cancel();
  EXPECT_EQ(item.use_count(), 1);
  EXPECT_FALSE(queue.pop());
  EXPECT_FALSE(queue.push(item));
}

TEST(BoundedQueueTest, NeverHoldsMoreThanItsCapacity) {
  BoundedQueue<int> queue(2);
  std::atomic<int> pushed = 0, popped = 0;
  std::jthread producer([&] {
    for (int i = 0; i < 500 && queue.push(i); ++i) ++pushed;
    queue.close();
  });
  while (const auto item = queue.pop()) {
    EXPECT_EQ(*item, popped++);
    EXPECT_LE(queue.size(), queue.capacity());
    // One push may have got the room of this pop and another one be between its room and its count.
    EXPECT_LE(pushed - popped, 3);
  }
  EXPECT_EQ(popped, 500);
}

TEST(BoundedQueueTest, ClosingWakesThoseWhoWait) {
  BoundedQueue<int> full(1), empty(1);
  full.push(0);
  std::atomic<bool> pushed = true, popped = true;
  std::jthread producer([&] { pushed = full.push(1); });
  std::jthread consumer([&] { popped = empty.pop().has_value(); });
  full.close(), empty.close();
  producer.join(), consumer.join();
  EXPECT_FALSE(pushed);
  EXPECT_FALSE(popped);
}

TEST(BoundedQueueTest, ManyThreadsLoseNothing) {
  BoundedQueue<int> queue(4);
  std::atomic<long> sum = 0;
  {
    std::vector<std::jthread> consumers;
    for (int i = 0; i < 3; ++i)
      consumers.emplace_back([&] {
        while (const auto item = queue.pop()) sum += *item;
      });
    {
      std::vector<std::jthread> producers;
      for (int i = 0; i < 3; ++i)
        producers.emplace_back([&] {
          for (int n = 1; n <= 1000; ++n) queue.push(n);
        });
    }
    queue.close();
  }
  EXPECT_EQ(sum, 3 * 500500);
}

}  // namespace
}  // namespace regard

#include "regard/core/ordered_map.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "tests/support.h"

namespace regard {
namespace {

/// 0, 1, 2, ... below `count`.
auto numbers(int count) {
  return [i = 0, count]() mutable { return i < count ? std::optional(i++) : std::nullopt; };
}

void sleep_ms(int milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

TEST(OrderedMapTest, HandsOnInOrderWhateverTheWorkers) {
  for (const std::size_t workers : {0u, 1u, 2u, 7u}) {
    std::vector<int> seen;
    map_in_order(
        numbers(50),
        [](int i) {
          if (i % 5 == 0) sleep_ms(1);  // the first of five is the last to be done
          return std::make_unique<int>(i * i);
        },
        [&](auto result) { seen.push_back(*result.get()); }, {.workers = workers});
    ASSERT_EQ(seen.size(), 50u);
    for (int i = 0; i < 50; ++i) EXPECT_EQ(seen[i], i * i);
  }
}

TEST(OrderedMapTest, WorksInSeveralThreadsAtOnce) {
  std::atomic<int> inside = 0, most = 0;
  map_in_order(
      numbers(12),
      [&](int i) {
        const int now = ++inside;
        for (int before = most; before < now && !most.compare_exchange_weak(before, now);) {
        }
        for (int wait = 0; wait < 2000 && most < 3; ++wait) sleep_ms(1);
        --inside;
        return i;
      },
      [](auto) {}, {.workers = 3});
  EXPECT_EQ(most, 3);
}

TEST(OrderedMapTest, AnErrorBelongsToItsItem) {
  std::string seen;
  map_in_order(
      numbers(6),
      [](int i) {
        if (i % 2) throw Error("no " + std::to_string(i));
        return std::to_string(i);
      },
      [&](auto result) {
        try {
          seen += result.get() + "; ";
        } catch (const Error& error) {
          seen += error.what() + std::string("; ");
        }
      },
      {.workers = 2});
  EXPECT_EQ(seen, "0; no 1; 2; no 3; 4; no 5; ");
}

TEST(OrderedMapTest, AnErrorOfTheSourceComesAfterWhatWasBefore) {
  int seen = 0;
  const auto message = test::error_of([&] {
    map_in_order(
        [i = 0]() mutable -> std::optional<int> {
          if (i == 4) throw Error("source is broken");
          return i++;
        },
        [](int i) { return i; }, [&](auto result) { EXPECT_EQ(result.get(), seen++); }, {.workers = 2});
  });
  EXPECT_EQ(message, "source is broken");
  EXPECT_EQ(seen, 4);
}

TEST(OrderedMapTest, AnErrorOfTheSinkEndsAll) {
  int taken = 0;
  const auto message = test::error_of([&] {
    map_in_order([&] { return std::optional(taken++); },  // endless
                 [](int i) { return i; },
                 [](auto result) {
                   if (result.get() == 3) throw Error("sink is full");
                 },
                 {.workers = 2, .window = 5});
  });
  EXPECT_EQ(message, "sink is full");
  EXPECT_LE(taken, 3 + 5);
}

TEST(OrderedMapTest, NoMoreItemsThanTheWindowAreUnderWay) {
  for (const std::size_t window : {3u, 4u, 9u}) {
    const std::size_t workers = 3;
    std::atomic<int> begun = 0, ended = 0, most = 0;
    map_in_order(
        [&]() -> std::optional<int> {
          if (begun == 200) return std::nullopt;
          const int under_way = ++begun - ended;
          most = std::max<int>(most, under_way);
          return begun;
        },
        [](int i) { return i; },
        [&](auto result) {
          if (result.get() % 50 == 1) sleep_ms(20);  // a slow sink: all that can run ahead does
          ++ended;
        },
        {.workers = workers, .window = window});
    EXPECT_EQ(ended, 200);
    EXPECT_LE(most, static_cast<int>(window));
    EXPECT_GE(most, static_cast<int>(window) - 1) << "the window is not used";
  }
}

TEST(OrderedMapTest, StopsTakingAndFinishesWhatWasTaken) {
  std::stop_source stop;
  int taken = 0, seen = 0;
  map_in_order([&] { return std::optional(taken++); },  // endless
               [](int i) { return i; },
               [&](auto result) {
                 EXPECT_EQ(result.get(), seen++);
                 if (seen == 10) stop.request_stop();
               },
               {.workers = 2, .window = 6, .stop = stop.get_token()});
  EXPECT_EQ(seen, taken);
  EXPECT_GE(seen, 10);
  EXPECT_LE(seen, 10 + 6);
}

TEST(OrderedMapTest, AnEmptyStreamIsNoError) {
  map_in_order(
      numbers(0), [](int i) { return i; }, [](auto) { FAIL(); }, {.workers = 4});
}

}  // namespace
}  // namespace regard

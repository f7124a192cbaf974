#include "regard/core/pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>

#include "tests/support.h"

namespace regard {
namespace {

TEST(PoolTest, ReusesWhatLiesIdle) {
  Pool<std::unique_ptr<int>> pool(2);
  int made = 0;
  const auto make = [&] { return std::make_unique<int>(made++); };
  for (int i = 0; i < 5; ++i) EXPECT_EQ(**pool.take(make), 0);
  {
    auto first = pool.take(make), second = pool.take(make);
    EXPECT_NE(**first, **second);
  }
  EXPECT_EQ(made, 2);
}

TEST(PoolTest, NeverMakesMoreThanItsCapacity) {
  Pool<int> pool(2);
  std::atomic<int> made = 0, in_use = 0, most = 0;
  {
    std::vector<std::jthread> users;
    for (int user = 0; user < 6; ++user)
      users.emplace_back([&] {
        for (int i = 0; i < 100; ++i) {
          auto object = pool.take([&] { return ++made; });
          const int now = ++in_use;
          for (int before = most; before < now && !most.compare_exchange_weak(before, now);) {
          }
          std::this_thread::yield();
          --in_use;
        }
      });
  }
  EXPECT_LE(made, 2);
  EXPECT_LE(most, 2);
}

TEST(PoolTest, WhatFailsIsMadeAnew) {
  Pool<int> pool(1);
  int made = 0;
  const auto make = [&] { return ++made; };
  for (int i = 0; i < 3; ++i) {
    try {
      const auto object = pool.take(make);
      throw Error("failed");
    } catch (const Error&) {
    }
  }
  EXPECT_EQ(*pool.take(make), 4);

  Pool<int> other(1);
  for (int i = 0; i < 2; ++i)  // a failure to make gives its place back
    EXPECT_EQ(test::error_of([&] { other.take([]() -> int { throw Error("cannot be made"); }); }),
              "cannot be made");
  EXPECT_EQ(*other.take(make), 5);
}

}  // namespace
}  // namespace regard

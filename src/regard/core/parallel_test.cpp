#include "regard/core/parallel.h"

#include <gtest/gtest.h>

#include <chrono>

#include "tests/support.h"

namespace regard {
namespace {

TEST(ParallelTest, EveryIndexOnceWhateverTheThreads) {
  for (const std::size_t threads : {1u, 3u, 50u}) {
    std::vector<std::atomic<int>> seen(40);
    std::atomic<std::size_t> most = 0;
    for_each_index(seen.size(), threads, [&](std::size_t thread, std::size_t i) {
      ++seen[i];
      if (thread > most) most = thread;
    });
    for (const auto& times : seen) EXPECT_EQ(times, 1);
    EXPECT_LT(most, std::min<std::size_t>(threads, seen.size()));
  }
  for_each_index(0, 4, [](std::size_t, std::size_t) { FAIL(); });
}

TEST(ParallelTest, TheFirstFailureIsThrown) {
  for (int round = 0; round < 20; ++round) {
    const auto message = test::error_of([] {
      for_each_index(8, 4, [](std::size_t, std::size_t i) {
        if (i == 1) std::this_thread::sleep_for(std::chrono::milliseconds(3));
        if (i == 1 || i == 3) throw Error("failure " + std::to_string(i));
      });
    });
    EXPECT_EQ(message, "failure 1");
  }
}

}  // namespace
}  // namespace regard

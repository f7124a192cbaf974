#include "train/prefetcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>

#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using testing::HasSubstr;

TEST(Prefetcher, GivesWhatIsMadeInOrder) {
  Prefetcher<std::int64_t> squares([](std::int64_t i) { return i * i; }, 3, 8, 2);
  for (std::int64_t i = 3; i < 8; ++i) EXPECT_EQ(squares.next(), i * i);
  EXPECT_THAT(error_of([&] { squares.next(); }), HasSubstr("nothing left"));
}

TEST(Prefetcher, IsNeverFartherAheadThanItsDepth) {
  std::atomic<int> made = 0;
  Prefetcher<int> things([&](std::int64_t) { return ++made; }, 0, 1000, 3);
  things.next();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_LE(made, 1 + 3 + 1) << "one taken, three ready, one in hand";
}

TEST(Prefetcher, ThrowsWhatMakingThrewWhenItsTurnComes) {
  Prefetcher<int> things(
      [](std::int64_t i) {
        if (i == 2) throw Error("no third thing");
        return static_cast<int>(i);
      },
      0, 5, 4);
  EXPECT_EQ(things.next(), 0);
  EXPECT_EQ(things.next(), 1);
  EXPECT_THAT(error_of([&] { things.next(); }), HasSubstr("no third thing"));
}

}  // namespace
}  // namespace regard

#include "regard/core/random.h"

#include <gtest/gtest.h>

namespace regard {
namespace {

TEST(SplitMix64Test, GivesThePublishedNumbers) {
  // Of the seed 1234567, as its authors' C program (prng.di.unimi.it/splitmix64.c) prints them.
  SplitMix64 bits(1234567);
  for (const std::uint64_t expected : {6457827717110365317u, 3203168211198807973u, 9817491932198370423u,
                                       4593380528125082431u, 16408922859458223821u})
    EXPECT_EQ(bits.next(), expected);
}

}  // namespace
}  // namespace regard

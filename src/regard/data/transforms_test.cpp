#include "regard/data/transforms.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

#include "regard/ops/torch.h"

namespace regard {
namespace {

constexpr AugmentOptions kNothing{.rotation = 0,
                                  .scale = 0,
                                  .shift = 0,
                                  .flip = false,
                                  .contrast = 0,
                                  .brightness = 0,
                                  .blur = 0,
                                  .noise = 0,
                                  .erase = 0};

at::Generator seeded(std::uint64_t seed) {
  return at::detail::createCPUGenerator(seed);
}

at::Tensor made_chips() {
  return at::randint(60, 200, {6, 1, 12, 12}, seeded(5), at::kLong).to(at::kByte);
}

TEST(Augment, NothingAskedNothingDone) {
  const auto chips = made_chips();
  const auto seen = augment(chips, kNothing, seeded(1));
  EXPECT_LT((seen.chips - chips.to(at::kFloat)).abs().max().item<float>(), 1e-3);
  const auto identity = at::tensor({1.f, 0.f, 0.f, 0.f, 1.f, 0.f}).view({1, 2, 3});
  EXPECT_LT((seen.frame - identity).abs().max().item<float>(), 1e-6);
}

TEST(Augment, IsAFunctionOfTheSeed) {
  const auto chips = made_chips();
  const auto a = augment(chips, {}, seeded(1)), b = augment(chips, {}, seeded(1)),
             c = augment(chips, {}, seeded(2));
  EXPECT_TRUE(a.chips.equal(b.chips));
  EXPECT_TRUE(a.frame.equal(b.frame));
  EXPECT_FALSE(a.chips.equal(c.chips));
  EXPECT_FALSE(a.frame.equal(c.frame));
}

TEST(Augment, StaysWithinTheRange) {
  const AugmentOptions strong{.contrast = .9f, .brightness = .8f, .noise = 50};
  const auto seen = augment(made_chips(), strong, seeded(1));
  EXPECT_GE(seen.chips.min().item<float>(), 0);
  EXPECT_LE(seen.chips.max().item<float>(), 255);
}

TEST(Augment, ErasesARectangleOfOneValue) {
  auto options = kNothing;
  options.erase = 1;
  const auto chips = at::full({200, 1, 40, 40}, 300.f).clamp_max(255);
  const auto changed = augment(chips, options, seeded(1)).chips.ne(chips).to(at::kFloat).mean({1, 2, 3});
  // The rectangle's centre lies anywhere, so that parts of it fall off the edge.
  EXPECT_GT(changed.gt(0).to(at::kFloat).mean().item<float>(), .95);
  EXPECT_LT(changed.max().item<float>(), .3);
}

/// A frame's flip, seen through the views op, is a mirrored picture.
TEST(Augment, FramesMoveTheViews) {
  auto options = kNothing;
  options.flip = true;
  const auto chips = made_chips();
  const auto seen = augment(chips, options, seeded(1));
  TorchWeights none;
  TorchOps ops(none, seen.chips, {.frame = seen.frame});
  const auto whole = at::tensor({1.f, 0.f, 0.f, 0.f, 1.f, 0.f}).view({1, 1, 2, 3});
  const auto views = ops.views(ops.chip(12), whole, 12);
  int mirrored = 0;
  for (int i = 0; i < chips.size(0); ++i) {
    const bool flips = seen.frame[i][0][0].item<float>() < 0;
    mirrored += flips;
    const auto expected = flips ? seen.chips[i].flip(2) : seen.chips[i];
    EXPECT_LT((views[i] - expected).abs().max().item<float>(), 1e-2) << i;
  }
  EXPECT_GT(mirrored, 0);
  EXPECT_LT(mirrored, chips.size(0));
}

TEST(Augment, BlurTakesDetailAndKeepsTheMean) {
  auto options = kNothing;
  options.blur = 1;
  const auto chips = at::randint(0, 255, {8, 1, 48, 48}, seeded(2), at::kLong).to(at::kFloat);
  const auto blurred = augment(chips, options, seeded(1)).chips;
  EXPECT_LT((blurred.mean({1, 2, 3}) - chips.mean({1, 2, 3})).abs().max().item<float>(), 3);
  EXPECT_LT(blurred.std().item<float>(), .75 * chips.std().item<float>());
}

}  // namespace
}  // namespace regard

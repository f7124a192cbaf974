#include "train/transforms.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "train/torch/ops.h"

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
                                  .random_erasing = 0,
                                  .occlude = 0};

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
  options.random_erasing = 1;
  const auto chips = at::full({200, 1, 40, 40}, 300.f).clamp_max(255);
  const auto changed = augment(chips, options, seeded(1)).chips.ne(chips).to(at::kFloat).mean({1, 2, 3});
  // The rectangle's centre lies anywhere, so that parts of it fall off the edge.
  EXPECT_GT(changed.gt(0).to(at::kFloat).mean().item<float>(), .95);
  EXPECT_LT(changed.max().item<float>(), .3);
}

at::Tensor share_changed(const Augmented& seen, const at::Tensor& chips) {
  return (seen.chips - chips).abs().gt(.5).to(at::kFloat).mean({1, 2, 3});
}

TEST(Augment, OccludesTheShareThatIsAskedFor) {
  auto options = kNothing;
  options.occlude = .5f;
  const auto chips = at::full({300, 1, 48, 48}, 120.f);
  const auto changed = share_changed(augment(chips, options, seeded(1)), chips);
  EXPECT_NEAR(changed.gt(0).to(at::kFloat).mean().item<float>(), .5, .1);
  // An object hides 15 to 45 % of the face, which fills most of the chip, and throws a shadow.
  EXPECT_GT(changed.masked_select(changed.gt(0)).min().item<float>(), .08);
  EXPECT_LT(changed.max().item<float>(), .75);
}

TEST(Augment, OccludersAreDifferentAndAFunctionOfTheSeed) {
  auto options = kNothing;
  options.occlude = 1;
  const auto chips = at::full({20, 1, 48, 48}, 120.f);
  const auto a = augment(chips, options, seeded(1)), b = augment(chips, options, seeded(1)),
             c = augment(chips, options, seeded(2));
  EXPECT_TRUE(a.chips.equal(b.chips));
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(a.chips[i].equal(c.chips[i])) << i;
    EXPECT_FALSE(a.chips[i].equal(a.chips[(i + 1) % 20])) << i;
  }
}

TEST(Augment, OccludersInColourAreThoseInGrey) {
  auto options = kNothing;
  options.occlude = 1;
  const auto grey = at::randint(60, 200, {30, 1, 48, 48}, seeded(3), at::kLong).to(at::kFloat);
  const auto colour = augment(grey.expand({30, 3, 48, 48}), options, seeded(1)).chips;
  const auto weights = at::tensor({.299f, .587f, .114f}).view({1, 3, 1, 1});
  const auto lightness = (colour * weights).sum(1, /*keepdim=*/true);
  EXPECT_LT((lightness - augment(grey, options, seeded(1)).chips).abs().max().item<float>(), .1);
  EXPECT_GT((colour.select(1, 0) - colour.select(1, 2)).abs().max().item<float>(), 10);
}

/// Random numbers that options draw must not change the numbers of runs without them: values from before
/// there were occluders.
TEST(Augment, WithoutOccludersRandomNumbersAreAsEver) {
  const auto seen = augment(made_chips(), {}, seeded(1));
  const auto image = seen.chips.mean({1, 2, 3}), frame = seen.frame.select(1, 0).select(1, 2);
  const auto means = at::tensor({152.5967f, 153.5221f, 168.1174f, 129.7220f, 99.2349f, 128.1511f});
  const auto shifts = at::tensor({1.02516f, .05923f, .08640f, .15392f, .88002f, -.14332f});
  EXPECT_LT((image - means).abs().max().item<float>(), 1e-2);
  EXPECT_LT((frame - shifts).abs().max().item<float>(), 1e-4);
}

/// A frame's flip, seen through the views op, is a mirrored image.
TEST(Augment, FramesMoveTheViews) {
  auto options = kNothing;
  options.flip = true;
  const auto chips = made_chips();
  const auto seen = augment(chips, options, seeded(1));
  TorchWeights none;
  TorchOps::Options where;
  where.frame = seen.frame;
  TorchOps ops(none, seen.chips, where);
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

/// The line from the image's left eye to its right one shows the roll.
TEST(PosesInFrame, TurnWithTheImageAndAreMirroredWithIt) {
  auto options = kNothing;
  options.rotation = 25;
  options.scale = .3f;
  options.shift = .2f;
  options.flip = true;
  const auto frame = augment(at::zeros({40, 1, 8, 8}), options, seeded(3)).frame;
  const auto poses = at::tensor({30.f, -10.f, 12.f}).expand({40, 3});
  const auto seen = poses_in_frame(poses, frame);
  int mirrored = 0;
  for (std::int64_t i = 0; i < 40; ++i) {
    const auto entry = [&](int row, int column) { return frame[i][row][column].item<double>(); };
    const double a = entry(0, 0), b = entry(0, 1), c = entry(1, 0), d = entry(1, 1), area = a * d - b * c;
    const double roll = 12 * std::numbers::pi / 180, x = std::cos(roll), y = std::sin(roll);
    const double sign = area < 0 ? -1 : 1;  // mirrored, the left eye is the right one
    const double u = sign * (d * x - b * y) / area, v = sign * (a * y - c * x) / area;
    EXPECT_NEAR(seen[i][2].item<double>(), std::atan2(v, u) * 180 / std::numbers::pi, 1e-3);
    EXPECT_EQ(seen[i][0].item<double>(), sign * 30);
    EXPECT_EQ(seen[i][1].item<double>(), -10);
    mirrored += sign < 0;
  }
  EXPECT_GT(mirrored, 5);
  EXPECT_LT(mirrored, 35);
  EXPECT_TRUE(poses_in_frame(at::full({40, 3}, NAN), frame).isnan().all().item<bool>());
}

}  // namespace
}  // namespace regard

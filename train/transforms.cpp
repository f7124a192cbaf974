#include "train/transforms.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "lab/augment/occluder.h"

namespace regard {

namespace {

/// Samples one number per image.
class Draw {
 public:
  Draw(std::int64_t count, at::Generator generator) : count_(count), generator_(std::move(generator)) {}

  at::Tensor normal(double deviation) {
    return at::empty({count_}, at::kFloat).normal_(0, 1, generator_) * deviation;
  }
  at::Tensor uniform(double low, double high) {
    return at::empty({count_}, at::kFloat).uniform_(0, 1, generator_) * (high - low) + low;
  }
  /// 1 with the given probability, else 0.
  at::Tensor coin(double probability) {
    return (at::empty({count_}, at::kFloat).uniform_(0, 1, generator_) < probability).to(at::kFloat);
  }

 private:
  std::int64_t count_;
  at::Generator generator_;
};

/// Rotated, scaled, flipped about the centre of the chip, then shifted: [n, 2, 3].
at::Tensor draw_frame(const AugmentOptions& options, Draw& draw) {
  const auto angle = draw.normal(options.rotation * std::numbers::pi / 180);
  const auto size = draw.normal(options.scale).clamp(-0.5, 0.5).exp();
  const auto mirrored = 1 - 2 * draw.coin(options.flip ? 0.5 : 0);
  const auto shift_x = draw.normal(options.shift), shift_y = draw.normal(options.shift);
  const auto cosine = size * at::cos(angle), sine = size * at::sin(angle);
  const auto a = mirrored * cosine, b = -sine, c = mirrored * sine, d = cosine;
  const auto x = 0.5 - 0.5 * (a + b) + shift_x, y = 0.5 - 0.5 * (c + d) + shift_y;
  return at::stack({a, b, x, c, d, y}, 1).view({-1, 2, 3});
}

/// Occluders as tensors, one a seed: what they do to images [n, c, h, w] (Occluder has the formula).
struct Pasted {
  at::Tensor colour, skin, kept;
};

Pasted draw_occluders(const at::Tensor& seeds, const Landmarks& landmarks, at::IntArrayRef form) {
  const auto n = seeds.size(0), c = form[1], h = form[2], w = form[3];
  Pasted all{at::empty({n, c, h, w}), at::empty({n, 1, h, w}), at::empty({n, 1, h, w})};
  at::parallel_for(0, n, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const auto bits = static_cast<std::uint64_t>(seeds.const_data_ptr<std::int64_t>()[i]);
      const auto kind = static_cast<OccluderKind>((bits >> 32) % kOccluderKinds);
      const auto one = draw_occluder(kind, training_seed(bits), landmarks, static_cast<int>(w),
                                     static_cast<int>(h), static_cast<int>(c));
      const auto put = [i](const std::vector<float>& values, const at::Tensor& to) {
        std::copy(values.begin(), values.end(), to.mutable_data_ptr<float>() + i * to.stride(0));
      };
      put(one.colour, all.colour), put(one.skin, all.skin), put(one.kept, all.kept);
    }
  });
  return all;
}

/// Pastes an occluder over the chosen images. They are drawn on the CPU and pasted where the images are.
at::Tensor occlude(const at::Tensor& chips, const AugmentOptions& options, Draw& draw,
                   const at::Generator& generator) {
  const auto rows = draw.coin(options.occlude).nonzero().view({-1});
  const auto seeds = at::empty({chips.size(0)}, at::kLong).random_(generator).index_select(0, rows);
  if (rows.size(0) == 0) return chips;
  const auto landmarks = usual_landmarks();
  const auto pasted = draw_occluders(seeds, landmarks, chips.sizes());
  const auto box = tone_box(landmarks, static_cast<int>(chips.size(3)), static_cast<int>(chips.size(2)));
  const auto place = rows.to(chips.device());
  const auto chosen = chips.index_select(0, place);
  const auto tone = chosen.narrow(2, box.y, box.height).narrow(3, box.x, box.width).mean({2, 3}, true);
  const auto there = [&](const at::Tensor& values) { return values.to(chips.device()); };
  const auto occluded = chosen * there(pasted.kept) + there(pasted.colour) + there(pasted.skin) * tone;
  return chips.index_copy(0, place, occluded.clamp(0, 255));
}

/// One number per image, to be broadcast over [n, c, h, w].
at::Tensor per_image(const at::Tensor& numbers, const at::Tensor& chips) {
  return numbers.view({-1, 1, 1, 1}).to(chips.device());
}

at::Tensor add_noise(const at::Tensor& chips, const AugmentOptions& options, Draw& draw,
                     const at::Generator& generator) {
  const auto deviation = per_image(draw.uniform(0, options.noise), chips);
  const auto noise = at::empty(chips.sizes(), at::kFloat).normal_(0, 1, generator).to(chips.device());
  return chips + noise * deviation;
}

/// A Gaussian blur with a standard deviation of .4 to 1.6 pixels on the chosen images, with kernel size 7.
at::Tensor blur(const at::Tensor& chips, const AugmentOptions& options, Draw& draw) {
  constexpr int kRadius = 3, kWidth = 2 * kRadius + 1;
  const auto n = chips.size(0), c = chips.size(1);
  // A standard deviation of .05 leaves the image unchanged.
  const auto chosen = draw.coin(options.blur), amount = draw.uniform(0.35, 1.55);
  const auto deviation = (chosen * amount + 0.05).view({n, 1});
  const auto offsets = at::arange(-kRadius, kRadius + 1, at::kFloat).view({1, kWidth});
  auto kernel = (offsets * offsets / (-2 * deviation * deviation)).exp();
  kernel = (kernel / kernel.sum(1, true)).repeat_interleave(c, 0).to(chips.device());
  const auto line = chips.reshape({1, n * c, chips.size(2), chips.size(3)});
  const auto padded = at::replication_pad2d(line, {kRadius, kRadius, kRadius, kRadius});
  const std::vector<std::int64_t> one{1, 1}, none{0, 0};
  const auto filter = [&](const at::Tensor& x, at::IntArrayRef shape) {
    return at::conv2d(x, kernel.view(shape), at::Tensor(), one, none, one, n * c);
  };
  return filter(filter(padded, {n * c, 1, 1, kWidth}), {n * c, 1, kWidth, 1}).view_as(chips);
}

at::Tensor change_light(const at::Tensor& chips, const AugmentOptions& options, Draw& draw) {
  const auto contrast = per_image(draw.uniform(1 - options.contrast, 1 + options.contrast), chips);
  const auto brightness = per_image(draw.uniform(-255 * options.brightness, 255 * options.brightness), chips);
  const auto mean = chips.mean({1, 2, 3}, /*keepdim=*/true);
  return (chips - mean) * contrast + mean + brightness;
}

/// Random erasing: fills a rectangle of 4 to 25 % of the chosen images, aspect ratio 1:3 to 3:1, with a
/// random value.
at::Tensor random_erasing(const at::Tensor& chips, const AugmentOptions& options, Draw& draw) {
  const auto chosen = draw.coin(options.random_erasing), area = draw.uniform(0.04, 0.25),
             share = chosen * area;
  const auto stretch = draw.uniform(-std::log(3.0), std::log(3.0)).exp();
  const auto half_width = (share * stretch).sqrt() / 2, half_height = (share / stretch).sqrt() / 2;
  const auto x = draw.uniform(0, 1), y = draw.uniform(0, 1);
  const auto value = per_image(draw.uniform(0, 255), chips);
  const auto within = [&](const at::Tensor& centre, const at::Tensor& half, std::int64_t count,
                          at::IntArrayRef shape) {
    const auto steps = ((at::arange(count, at::kFloat) + 0.5) / count).view({1, count});
    return ((steps - centre.view({-1, 1})).abs() < half.view({-1, 1})).view(shape).to(chips.device());
  };
  const auto n = chips.size(0), h = chips.size(2), w = chips.size(3);
  const auto occluded =
      at::logical_and(within(x, half_width, w, {n, 1, 1, w}), within(y, half_height, h, {n, 1, h, 1}));
  return at::where(occluded, value, chips);
}

}  // namespace

Augmented augment(const at::Tensor& chips, const AugmentOptions& options, at::Generator generator) {
  Draw draw(chips.size(0), generator);
  const auto frame = draw_frame(options, draw).to(chips.device());
  auto varied = chips.to(at::kFloat);
  // No random numbers are used without occluders, so that such runs are unchanged.
  if (options.occlude > 0) varied = occlude(varied, options, draw, generator);
  varied = add_noise(varied, options, draw, generator);
  varied = blur(varied, options, draw);
  varied = change_light(varied, options, draw).clamp(0, 255);
  return {random_erasing(varied, options, draw), frame};
}

at::Tensor poses_in_frame(const at::Tensor& poses, const at::Tensor& frame) {
  const auto entry = [&](int row, int column) { return frame.select(1, row).select(1, column); };
  // The second column: the first one is where mirroring changes the sign.
  const auto turn = at::atan2(-entry(0, 1), entry(1, 1)) * (180 / std::numbers::pi);
  const auto mirrored = at::sign(entry(0, 0) * entry(1, 1) - entry(0, 1) * entry(1, 0));
  const auto roll = poses.select(1, 2) - turn;
  const auto within = roll - 360 * at::round(roll / 360);
  return at::stack({mirrored * poses.select(1, 0), poses.select(1, 1), mirrored * within}, 1);
}

}  // namespace regard

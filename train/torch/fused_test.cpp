#include "train/torch/fused.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <array>

namespace regard {
namespace {

at::Tensor image(at::IntArrayRef shape, at::ScalarType type) {
  return at::randn(shape, at::detail::createCPUGenerator(3), at::kFloat)
      .to(at::kBFloat16)
      .to(type)
      .contiguous(at::MemoryFormat::ChannelsLast)
      .set_requires_grad(true);
}

struct Result {
  at::Tensor y, mean, variance, dx, d_scale, d_shift;
};

/// The fused batch norm in bfloat16, or ATen's in f32 on the same values.
Result run(bool fused, Activation activation, std::int64_t n, std::int64_t c, std::int64_t side) {
  const auto x = image({n, c, side, side}, fused ? at::kBFloat16 : at::kFloat);
  const auto scale = at::linspace(.5, 1.5, c).set_requires_grad(true);
  const auto shift = at::linspace(-1, 2, c).set_requires_grad(true);
  auto mean = at::full({c}, .25f), variance = at::full({c}, 2.f);
  at::Tensor y;
  if (fused) {
    y = fused_batch_norm(x, scale, shift, mean, variance, .1, 1e-3f, activation);
  } else {
    y = at::batch_norm(x, scale, shift, mean, variance, true, .1, 1e-3, false);
    if (activation == Activation::relu) y = at::relu(y);
    if (activation == Activation::relu6) y = at::hardtanh(y, 0, 6);
  }
  const auto weights = at::linspace(-1, 1, y.numel()).view(y.sizes());
  const auto gradients = torch::autograd::grad({(y.to(at::kFloat) * weights).sum()}, {x, scale, shift});
  return {y, mean, variance, gradients[0], gradients[1], gradients[2]};
}

void expect_close(const at::Tensor& a, const at::Tensor& b, double tolerance, const char* what) {
  const auto difference = (a.to(at::kFloat) - b).abs().max().item<double>();
  EXPECT_LE(difference, tolerance * std::max(1.0, b.abs().max().item<double>())) << what;
}

class FusedBatchNorm : public testing::TestWithParam<Activation> {};

TEST_P(FusedBatchNorm, EqualsAtenWithinBfloat16) {
  for (const auto& [n, c, side] : {std::tuple{1, 8, 3}, {3, 5, 7}, {8, 32, 33}}) {
    const auto fused = run(true, GetParam(), n, c, side), reference = run(false, GetParam(), n, c, side);
    expect_close(fused.y, reference.y, 4e-3, "y");
    expect_close(fused.mean, reference.mean, 1e-5, "running mean");
    expect_close(fused.variance, reference.variance, 1e-5, "running variance");
    expect_close(fused.dx, reference.dx, 8e-3, "gradient of x");
    expect_close(fused.d_scale, reference.d_scale, 8e-3, "gradient of the scale");
    expect_close(fused.d_shift, reference.d_shift, 8e-3, "gradient of the shift");
  }
}

INSTANTIATE_TEST_SUITE_P(Activations, FusedBatchNorm,
                         testing::Values(Activation::none, Activation::relu, Activation::relu6),
                         [](const auto& test) {
                           if (test.param == Activation::none) return "none";
                           return test.param == Activation::relu ? "relu" : "relu6";
                         });

TEST_P(FusedBatchNorm, EqualsAtenByTheRunningStatistics) {
  const auto x = image({3, 5, 7, 7}, at::kBFloat16).set_requires_grad(true);
  const auto scale = at::linspace(.5, 1.5, 5).set_requires_grad(true),
             shift = at::linspace(-1, 2, 5).set_requires_grad(true);
  const auto mean = at::linspace(-1, 1, 5), variance = at::linspace(.5, 3, 5);
  const auto fused = fused_running_norm(x, scale, shift, mean, variance, 1e-3f, GetParam());
  auto y = at::batch_norm(x.to(at::kFloat), scale, shift, mean, variance, false, .1, 1e-3, false);
  if (GetParam() == Activation::relu) y = at::relu(y);
  if (GetParam() == Activation::relu6) y = at::hardtanh(y, 0, 6);
  expect_close(fused, y, 4e-3, "y");

  const auto gradients_of = [&](const at::Tensor& result) {
    const auto weights = image({3, 5, 7, 7}, at::kFloat);
    return torch::autograd::grad({(result.to(at::kFloat) * weights).sum()}, {x, scale, shift});
  };
  const auto got = gradients_of(fused), expected = gradients_of(y);
  for (const int i : {0, 1, 2}) expect_close(got[i], expected[i].to(at::kFloat), 8e-3, "gradient");

  // Of a frozen layer, only the gradient of x is asked for.
  const auto frozen =
      fused_running_norm(x, scale.detach(), shift.detach(), mean, variance, 1e-3f, GetParam());
  const auto dx =
      torch::autograd::grad({(frozen.to(at::kFloat) * image({3, 5, 7, 7}, at::kFloat)).sum()}, {x});
  expect_close(dx[0], expected[0].to(at::kFloat), 8e-3, "gradient of x alone");
}

TEST(FusedBatchNorm, IsTheSameOnAnyNumberOfThreads) {
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const auto one = run(true, Activation::relu6, 8, 32, 33);
  at::set_num_threads(3);
  const auto three = run(true, Activation::relu6, 8, 32, 33);
  at::set_num_threads(threads);
  EXPECT_TRUE(one.y.equal(three.y));
  EXPECT_TRUE(one.dx.equal(three.dx));
  EXPECT_TRUE(one.d_scale.equal(three.d_scale));
}

TEST(FusedPrelu, EqualsAtenWithinBfloat16) {
  for (const auto& [n, c, side] : {std::tuple{1, 8, 3}, {3, 5, 7}, {8, 32, 33}}) {
    const auto x = image({n, c, side, side}, at::kBFloat16);
    const auto slope = at::linspace(-.5, .75, c).set_requires_grad(true);
    const auto weights = image({n, c, side, side}, at::kFloat).detach();
    const auto results_of = [&](const at::Tensor& y) {
      const auto gradients = torch::autograd::grad({(y.to(at::kFloat) * weights).sum()}, {x, slope});
      return std::array{y, gradients[0], gradients[1]};
    };
    const auto got = results_of(fused_prelu(x, slope)),
               expected = results_of(at::prelu(x.to(at::kFloat), slope));
    expect_close(got[0], expected[0], 4e-3, "y");
    expect_close(got[1], expected[1].to(at::kFloat), 4e-3, "gradient of x");
    expect_close(got[2], expected[2], 1e-5, "gradient of the slope");
  }
}

TEST(Padded, EqualsAtenAndPassesTheInsideBack) {
  const auto x = image({2, 3, 5, 4}, at::kFloat);
  const Padding padding{1, 0, 2, 3};
  const auto y = padded(x, padding);
  EXPECT_TRUE(y.equal(at::constant_pad_nd(x, {0, 3, 1, 2})));
  EXPECT_TRUE(y.is_contiguous(at::MemoryFormat::ChannelsLast));
  const auto weights = at::arange(static_cast<double>(y.numel()), at::kFloat).view(y.sizes());
  const auto gradient = torch::autograd::grad({(y * weights).sum()}, {x})[0];
  EXPECT_TRUE(gradient.equal(weights.narrow(2, 1, 5).narrow(3, 0, 4)));
}

}  // namespace
}  // namespace regard

#pragma once

#include <ATen/ATen.h>

/// Losses for networks with scales, in addition to the classification loss (Fu et al., Look Closer to See
/// Better: Recurrent Attention Convolutional Neural Network, CVPR 2017).
namespace regard {

/// Ranking loss: each scale should be more confident of the true class than the previous one: the mean over
/// the batch and over neighbouring scales of (Fu et al., eq. 8)
///
///     max(0, p_t(s) - p_t(s + 1) + margin)
///
/// logits: [n, s, classes], s >= 2; targets: [n, classes], distributions, of which t is the largest -> []. No
/// gradient flows into p_t(s): it would make the earlier scale worse, which shares its weights.
inline at::Tensor scale_ranking_loss(const at::Tensor& logits, const at::Tensor& targets, double margin) {
  const auto truth = targets.argmax(1).view({-1, 1, 1}).expand({-1, logits.size(1), 1});
  const auto p = at::softmax(logits, 2).gather(2, truth).squeeze(2);
  return at::relu(p.slice(1, 0, -1).detach() - p.slice(1, 1) + margin).mean();
}

/// Where a map [n, c, h, w] responds most: the mean place, in fractions of the map, weighted by the softmax
/// of 10 times the mean square over channels as a share of its maximum -> [n, 2], x and y, no gradient.
inline at::Tensor strongest_places(const at::Tensor& map) {
  const auto values = map.detach().to(at::kFloat);
  const auto energy = values.square().mean(1);
  const auto most = energy.amax({1, 2}, /*keepdim=*/true).clamp_min(1e-12);
  const auto share = at::softmax((10 * energy / most).flatten(1), 1).view_as(energy);
  const auto centres = [&](std::int64_t count) { return (at::arange(count, energy.options()) + .5) / count; };
  const auto x = (share.sum(1) * centres(energy.size(2))).sum(1);
  const auto y = (share.sum(2) * centres(energy.size(1))).sum(1);
  return at::stack({x, y}, 1);
}

/// Where the middle of the landmarks lies in regions: landmarks [n, 5, 2] and affines [n, 2, 3] of upright
/// regions, both in fractions of the chip -> [n, 2], x and y in fractions of the region, no gradient.
inline at::Tensor middles_within(const at::Tensor& landmarks, const at::Tensor& affines) {
  const auto sides = at::stack({affines.select(1, 0).select(1, 0), affines.select(1, 1).select(1, 1)}, 1);
  return ((landmarks.mean(1) - affines.select(2, 2)) / sides).detach();
}

/// Guides proposed regions to targets, as in the pre-training of Fu et al. (section 3.4): the mean over the
/// batch of the squared distance of the centres, in units of a tenth of what they are proposed in. Only as
/// far as a region of its side can get there, its side taken as given.
///
/// u: [n, 3] in 0 to 1: share of the way from the smallest to the largest side, of the room left of the
/// region and above it (SpecOps::squares_within); places: [n, 2], x and y -> [].
inline at::Tensor region_guide_loss(const at::Tensor& u, double smallest, double largest,
                                    const at::Tensor& places) {
  constexpr double kUnit = .1;
  const auto side = (smallest + (largest - smallest) * u.slice(1, 0, 1)).detach();
  const auto centre = (1 - side) * u.slice(1, 1) + side / 2;
  const auto wanted = at::minimum(at::maximum(places, side / 2), 1 - side / 2);
  return ((centre - wanted) / kUnit).square().sum(1).mean();
}

/// Keeps proposals away from corners and bounds, where the gradient of the sigmoid vanishes: the mean of
/// max(0, |x| - 2)^2. x: what squares are made from, any shape -> [].
inline at::Tensor saturation_loss(const at::Tensor& x) {
  return at::relu(x.abs() - 2).square().mean();
}

}  // namespace regard

#pragma once

#include <ATen/ATen.h>

#include <vector>

/// Losses for the head pose. Faces with unknown pose (NaN) are ignored.
namespace regard {

/// The mean of `errors` [n, ...] over the faces that are `known` [n]; 0 if there is none.
inline at::Tensor mean_of_known(const at::Tensor& errors, const at::Tensor& known) {
  const auto each = errors.flatten(1).mean(1);
  return (each * known).sum() / known.sum().clamp_min(1);
}

/// Smooth L1 (Girshick, ICCV 2015, eq. 3) of angles in units of 10 degrees, so that errors beyond that count
/// as they are and smaller ones by their square. pose, truth: [n, 3], degrees -> [].
inline at::Tensor pose_angle_loss(const at::Tensor& pose, const at::Tensor& truth) {
  constexpr double kUnit = 10;
  const auto known = truth.isnan().logical_not().all(1);
  const auto aim = at::where(known.unsqueeze(1), truth, at::zeros_like(truth));
  const auto errors = at::smooth_l1_loss(pose / kUnit, aim / kUnit, at::Reduction::None);
  return mean_of_known(errors, known.to(errors.scalar_type()));
}

/// Cross-entropy with the class whose yaw is nearest. logits: [n, classes]; truth: [n, 3], yaw first,
/// degrees; yaws: what the classes stand for -> [].
inline at::Tensor yaw_class_loss(const at::Tensor& logits, const at::Tensor& truth,
                                 const std::vector<float>& yaws) {
  const auto yaw = truth.slice(1, 0, 1);
  const auto known = yaw.isnan().logical_not().squeeze(1);
  const auto classes = at::tensor(yaws, truth.options()).unsqueeze(0);
  const auto nearest = (yaw.nan_to_num() - classes).abs().argmin(1, /*keepdim=*/true);
  const auto errors = -at::log_softmax(logits, 1).gather(1, nearest);
  return mean_of_known(errors, known.to(errors.scalar_type()));
}

}  // namespace regard

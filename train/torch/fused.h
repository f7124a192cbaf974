#pragma once

#include <ATen/ATen.h>

#include "regard/ops/spec.h"

/// Memory-bound steps of training on a CPU, each in as few passes as possible.
namespace regard {

/// Batch norm by the batch's own statistics, then the activation: x [n, c, h, w], channels last, bfloat16, on
/// the CPU; scale, shift, mean, variance [c], f32. Moves the running `mean` and `variance` (the unbiased one)
/// by `momentum` toward the batch's. With gradients for x, scale and shift. The sums are taken in an order
/// that does not depend on the number of threads.
at::Tensor fused_batch_norm(const at::Tensor& x, const at::Tensor& scale, const at::Tensor& shift,
                            at::Tensor& mean, at::Tensor& variance, double momentum, float epsilon,
                            Activation activation);

/// Batch norm by the running statistics, which stay, then the activation, in one pass; x as above. With
/// gradients for x, scale and shift.
at::Tensor fused_running_norm(const at::Tensor& x, const at::Tensor& scale, const at::Tensor& shift,
                              const at::Tensor& mean, const at::Tensor& variance, float epsilon,
                              Activation activation);

/// PReLU (He et al., ICCV 2015): x if positive, else slope[c] x; x as above, slope [c], f32. With gradients
/// for both.
at::Tensor fused_prelu(const at::Tensor& x, const at::Tensor& slope);

/// Zeros around x [n, c, h, w] without filling the inside first; channels last stay so. With gradient.
at::Tensor padded(const at::Tensor& x, const Padding& padding);

}  // namespace regard

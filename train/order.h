#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "lab/data/sampling.h"

namespace regard {

/// The rows of an epoch, as many as there are `labels` [rows] (i64, on the CPU): each once or, with
/// `oversample`, sampled with replacement so that all labels are equally likely. Throws Error for
/// oversampling rows without a label.
inline at::Tensor order_of_epoch(const at::Tensor& labels, bool oversample, at::Generator generator) {
  if (!oversample) return at::randperm(labels.numel(), std::move(generator), at::kLong);
  const auto* begin = labels.const_data_ptr<std::int64_t>();
  const auto weights = sampling_weights(std::vector<int>(begin, begin + labels.numel()));
  return at::multinomial(at::tensor(weights, at::kDouble), labels.numel(), /*replacement=*/true,
                         std::move(generator));
}

}  // namespace regard

#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "lab/data/packed.h"

namespace regard {

/// A batch of images with their targets.
struct Batch {
  at::Tensor chips;      ///< [n, channels, size, size], bytes
  at::Tensor targets;    ///< [n, classes], distributions
  at::Tensor landmarks;  ///< [n, 5, 2] in fractions of the chip
  at::Tensor poses;      ///< [n, 3], yaw, pitch and roll in degrees; NaN if they are not known

  Batch to(at::Device device) const;
};

/// Some images of a packed data set as rows of batches. Pixels stay in the mapped file until they are asked
/// for; several threads may ask at once. The data set must outlive it.
class DataSource {
 public:
  /// `by_majority`: targets are the majority's labels rather than distributions. `mean`: the landmarks of
  /// chips with unknown ones.
  DataSource(const PackedDataset& data, std::vector<std::int64_t> indices, bool by_majority,
             const Landmarks& mean);

  std::int64_t count() const { return static_cast<std::int64_t>(indices_.size()); }
  /// Majority labels [rows], -1 where there is none.
  const at::Tensor& labels() const { return labels_; }
  /// The classes' priors, the mean of the targets [classes], f32.
  at::Tensor class_priors() const { return targets_.mean(0); }
  bool knows_poses() const { return poses_.isnan().logical_not().any().item<bool>(); }

  /// On the CPU. rows: [n], i64.
  Batch batch(const at::Tensor& rows) const;

 private:
  const PackedDataset& data_;
  std::vector<std::int64_t> indices_;
  at::Tensor targets_, labels_, landmarks_, poses_;
};

/// The part of every batch that a process trains on.
struct Shard {
  int rank = 0, size = 1;

  /// Its part of a batch's rows.
  at::Tensor of(const at::Tensor& rows) const {
    const auto n = rows.size(0);
    return rows.slice(0, n * rank / size, n * (rank + 1) / size);
  }
};

/// The order in which a recipe visits its images.
struct EpochOrder {
  std::int64_t seed = 1;
  std::int64_t batch = 1;  ///< rows of a step, of all shards together
  bool oversample = false;
  Shard shard = {};
};

/// The rows of each step: every epoch has its own order; an incomplete batch is dropped.
class BatchOrder {
 public:
  /// labels: as order_of_epoch wants them. Throws Error if a batch is larger than all.
  BatchOrder(at::Tensor labels, const EpochOrder& order, const std::string& where);

  std::int64_t steps_per_epoch() const { return steps_; }

  /// Those of this shard. Quick where steps come in order.
  at::Tensor rows(std::int64_t step);

 private:
  at::Tensor labels_;
  EpochOrder options_;
  std::int64_t steps_;
  std::int64_t epoch_ = -1;
  at::Tensor order_;
};

}  // namespace regard

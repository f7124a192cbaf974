#include "train/data_source.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "regard/core/error.h"
#include "train/order.h"
#include "train/random.h"

namespace regard {

Batch Batch::to(at::Device device) const {
  return {chips.to(device), targets.to(device), landmarks.to(device), poses.to(device)};
}

DataSource::DataSource(const PackedDataset& data, std::vector<std::int64_t> indices, bool by_majority,
                       const Landmarks& mean)
    : data_(data), indices_(std::move(indices)) {
  const auto classes = static_cast<std::int64_t>(data.labels().size());
  targets_ = at::zeros({count(), classes}, at::kFloat);
  labels_ = at::empty({count()}, at::kLong);
  landmarks_ = at::empty({count(), static_cast<std::int64_t>(mean.size()), 2}, at::kFloat);
  poses_ = at::full({count(), 3}, std::numeric_limits<float>::quiet_NaN());
  for (std::int64_t row = 0; row < count(); ++row) {
    const auto index = indices_[static_cast<std::size_t>(row)];
    const auto landmarks = data.landmarks(index).value_or(mean);
    std::memcpy(landmarks_[row].data_ptr(), landmarks.data(), sizeof landmarks);
    if (const auto pose = data.pose(index)) poses_[row] = at::tensor({pose->yaw, pose->pitch, pose->roll});
    const int label = data.label(index);
    labels_[row] = label;
    const auto soft_labels = data.soft_labels(index);
    if (by_majority)
      targets_[row][label] = 1;
    else
      std::copy(soft_labels.begin(), soft_labels.end(), targets_[row].data_ptr<float>());
  }
}

Batch DataSource::batch(const at::Tensor& rows) const {
  Batch batch;
  batch.chips = at::empty({rows.size(0), data_.channels(), data_.size(), data_.size()}, at::kByte);
  auto* to = batch.chips.data_ptr<std::uint8_t>();
  const auto wanted = rows.contiguous();
  for (std::int64_t i = 0; i < wanted.size(0); ++i) {
    const auto chip =
        data_.chip(indices_[static_cast<std::size_t>(wanted.const_data_ptr<std::int64_t>()[i])]);
    to = std::copy(chip.begin(), chip.end(), to);
  }
  batch.targets = targets_.index_select(0, wanted);
  batch.landmarks = landmarks_.index_select(0, wanted);
  batch.poses = poses_.index_select(0, wanted);
  return batch;
}

BatchOrder::BatchOrder(at::Tensor labels, const EpochOrder& order, const std::string& where)
    : labels_(std::move(labels)), options_(order), steps_(labels_.numel() / order.batch) {
  if (steps_ < 1)
    throw Error("batch is larger than the training part", where, "at most " + std::to_string(labels_.numel()),
                std::to_string(order.batch));
}

at::Tensor BatchOrder::rows(std::int64_t step) {
  const auto epoch = step / steps_;
  if (epoch != epoch_) {
    order_ = order_of_epoch(labels_, options_.oversample, generator(options_.seed, Stream::order, epoch));
    epoch_ = epoch;
  }
  const auto begin = step % steps_ * options_.batch;
  return options_.shard.of(order_.slice(0, begin, begin + options_.batch));
}

}  // namespace regard

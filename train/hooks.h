#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "regard/model/model.h"
#include "train/data_source.h"
#include "train/objective.h"
#include "train/run_folder.h"

namespace regard {

/// An epoch that has ended.
struct EpochDone {
  std::int64_t step = 0, epoch = 0;  ///< steps that are done; the epoch, from 1 on
  double loss = 0;                   ///< its mean
  TorchWeights& average;             ///< the weights that are kept
  double valid_accuracy = -1;        ///< below 0: not measured; hooks that come later may read it
};

/// A hook that runs during training.
class Hook {
 public:
  virtual ~Hook() = default;
  /// A step's losses, before it changes any weight; step counts from 0.
  virtual void on_losses(std::int64_t /*step*/, const std::vector<LossTerm>&,
                         const TorchWeights& /*uncertainties*/) {}
  virtual void on_epoch(EpochDone&) {}
};

/// Logits [rows, classes] of a network on all rows of a source, on the CPU. Throws Error if there are none.
at::Tensor logits_of(const NetworkConfig& network, TorchWeights& weights, const DataSource& source,
                     at::ScalarType precision, at::Device device);

/// Measures the accuracy after every epoch.
class Validation : public Hook {
 public:
  /// The arguments must outlive it.
  Validation(const NetworkConfig& network, const DataSource& source, at::ScalarType precision,
             at::Device device)
      : network_(network), source_(source), precision_(precision), device_(device) {}
  void on_epoch(EpochDone& epoch) override;

 private:
  const NetworkConfig& network_;
  const DataSource& source_;
  at::ScalarType precision_;
  at::Device device_;
};

/// Writes the model after every epoch, with its measurements.
class ModelWriter : public Hook {
 public:
  /// `valid_images`: how many the accuracy is of, of the split that the recipe validates on.
  ModelWriter(const RunFolder& folder, const Model& model, std::int64_t valid_images)
      : folder_(folder), model_(model), valid_images_(valid_images) {}
  void on_epoch(EpochDone& epoch) override;

 private:
  const RunFolder& folder_;
  Model model_;
  std::int64_t valid_images_;
};

/// Writes log.jsonl: one line per epoch.
class EpochLog : public Hook {
 public:
  static constexpr const char* kFile = "log.jsonl";

  explicit EpochLog(const RunFolder& folder) : folder_(folder) {}
  void on_epoch(EpochDone& epoch) override;

 private:
  const RunFolder& folder_;
};

/// Writes losses.jsonl if there are several losses: their values and weights, every 20 steps.
class LossLog : public Hook {
 public:
  static constexpr const char* kFile = "losses.jsonl";
  static constexpr std::int64_t kStepsALine = 20;

  explicit LossLog(const RunFolder& folder) : folder_(folder) {}
  void on_losses(std::int64_t step, const std::vector<LossTerm>& terms,
                 const TorchWeights& uncertainties) override;

 private:
  const RunFolder& folder_;
};

}  // namespace regard

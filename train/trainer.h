#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>

#include "lab/data/packed.h"
#include "lab/recipe/recipe.h"
#include "regard/model/model.h"
#include "train/options.h"
#include "train/world/world.h"

namespace regard {

/// The progress of a run after each step.
struct TrainProgress {
  std::int64_t step = 0, steps = 0;
  int epoch = 0, epochs = 0;  ///< epoch counts from 1
  double loss = 0;            ///< mean since the epoch began, as of its last tenth step or its end
  double learning_rate = 0;   ///< learning rate of the step
  double images_per_second = 0;
  double seconds_left = 0;
  double valid_accuracy = -1;  ///< of the EMA weights after the last full epoch; below 0: not known
};

/// Runs `recipe` on its splits of `data` and keeps its state in the folder `run`:
///
///     checkpoint.safetensors   weights, momentum, EMA and step: a run continues from here
///     model.safetensors        the EMA weights after the last full epoch, in half precision
///     log.jsonl                one JSON object per line: the start, then every epoch
///     losses.jsonl             where there are several losses: each and its weight, every 20 steps
///
/// A folder with a checkpoint is continued; on a CPU and with the same number of threads the result is
/// bit-equal to that of a run never stopped, since all randomness is a function of the seed and the step.
/// Of several processes, a `world`, each trains on its part of every batch with gradients averaged over all;
/// the first one measures and writes, and the others start from its state. A recipe's batch and learning rate
/// are those of all processes together, and a run may be continued by another number of them. On the same
/// number the result is as reproducible.
///
/// Returns true when all epochs are done. Throws Error for a recipe that does not fit the data, and for a
/// checkpoint of another recipe or other data; for several processes also for a batch that they cannot divide
/// evenly, and on a GPU.
bool train(const Recipe& recipe, const PackedDataset& data, const std::filesystem::path& run,
           const TrainOptions& options, const std::function<void(const TrainProgress&)>& on_progress = {},
           const std::atomic<bool>* stop = nullptr, const World& world = {});

/// Logits [indices, classes], row by row, of a model on chips of a data set, in f32.
std::vector<float> predict_logits(const Model& model, const PackedDataset& data,
                                  const std::vector<std::int64_t>& indices,
                                  const std::string& device = "cpu");

}  // namespace regard

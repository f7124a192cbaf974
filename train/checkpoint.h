#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "regard/core/options.h"
#include "train/torch/ops.h"

namespace regard {

/// Sets of tensors that make up a run's state, by name.
using CheckpointParts = std::map<std::string, TorchWeights*>;

/// The numbers of a run's state.
struct CheckpointState {
  std::int64_t step = 0;
  double loss_sum = 0;
  double valid_accuracy = -1;
};

/// Writes a run's state atomically, in f32, with `identity`: what the run is.
void save_checkpoint(const std::filesystem::path& path, const Json& identity, const CheckpointParts& parts,
                     const CheckpointState& state);

/// Copies a state back into `parts`, whose tensors must be there with their shapes. Throws Error for a file
/// of another identity (naming the first key that differs), and for missing or misshapen tensors.
CheckpointState load_checkpoint(const std::filesystem::path& path, const Json& identity,
                                const CheckpointParts& parts);

}  // namespace regard

#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include "lab/data/packed.h"
#include "regard/engine/engine.h"

namespace regard {

/// Writes a packed data set with soft targets for distillation (Hinton et al., arXiv 1503.02531): the soft
/// labels of the training split become (1 - share) soft labels + share p, where p is the mean of the
/// teachers' calibrated probabilities. Majority labels, the other splits and images without soft labels are
/// unchanged. `on_part` is called after every batch with the number of training images done. Throws Error for
/// a share outside of 0 to 1, no teacher, models of another chip size or of other labels, and if the set has
/// no training split or the file cannot be written.
void write_soft_targets(const PackedDataset& set, std::span<const Model> teachers,
                        const EngineOptions& options, float share, const std::filesystem::path& out,
                        const std::function<void(std::size_t done)>& on_part = {});

}  // namespace regard

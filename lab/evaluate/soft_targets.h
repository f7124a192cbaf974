#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include "lab/data/packed.h"
#include "regard/engine/engine.h"

namespace regard {

/// Writes a packed data set again with the training part's label distributions mixed with what trained
/// networks say of its chips as they are: (1 - share) soft labels + share p, p the mean of the teachers'
/// calibrated probabilities (distillation: Hinton et al., arXiv 1503.02531, at the temperature that
/// calibrates). Majority labels, the other parts and images without soft labels stay as they are. `on_part`
/// is told after every part how many of the training part's images are done. Throws Error for a share outside
/// of 0 to 1, no teacher, models of another chip size or of other labels, and where the set has no training
/// part or the file cannot be written.
void write_soft_targets(const PackedDataset& set, std::span<const Model> teachers,
                        const EngineOptions& options, float share, const std::filesystem::path& out,
                        const std::function<void(std::size_t done)>& on_part = {});

}  // namespace regard

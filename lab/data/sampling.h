#pragma once

#include <span>
#include <vector>

namespace regard {

/// Sampling weights that make all classes equally frequent: for each label 1 over the number of its samples
/// (RAN's oversampling on AffectNet: Wang et al., IEEE TIP 2020). All 0 or above; they sum to the number of
/// different labels. Never for validation. Throws Error for labels below 0.
std::vector<double> sampling_weights(std::span<const int> labels);

}  // namespace regard

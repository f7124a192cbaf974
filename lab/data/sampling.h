#pragma once

#include <span>
#include <vector>

namespace regard {

/// Weights by which training samples are drawn so that every class is seen equally often: of each label 1
/// over the number of its samples (RAN's oversampling on AffectNet: Wang et al., IEEE TIP 2020). All 0 or
/// above; they sum to the number of different labels. Never for validation. Throws Error for labels below 0.
std::vector<double> sampling_weights(std::span<const int> labels);

}  // namespace regard

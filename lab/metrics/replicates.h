#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "lab/metrics/metrics.h"

/// Accuracy over several runs on the same images.
namespace regard {

/// [runs][images]: 1 where a run was right, 0 if it was not; between them, the share of several measurements
/// of one run.
using Replicates = std::vector<std::vector<float>>;

struct ReplicatedMean {
  double mean = 0;
  double std = std::numeric_limits<double>::quiet_NaN();  ///< of the runs' means; NaN of a single run
  Interval interval;
};

/// The mean over runs and images, with a 95 % interval that resamples both (hierarchical bootstrap: Davison &
/// Hinkley, Bootstrap Methods and their Application, 1997, section 3.8). Of n runs, n - 1 are sampled with
/// replacement, so that the interval is not too narrow for few runs (Rao & Wu, JASA 1988); for a single run
/// the interval is over the images alone. Throws Error if there are no runs or images, or runs differ in
/// length.
ReplicatedMean replicated_mean(const Replicates& runs, int resamples = 2000, std::uint64_t seed = 1);

/// The difference: the same images are sampled for both, but runs independently.
ReplicatedMean replicated_difference(const Replicates& first, const Replicates& second, int resamples = 2000,
                                     std::uint64_t seed = 1);

}  // namespace regard

#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "lab/metrics/metrics.h"

/// Accuracy over several runs of one thing, which were all measured on the same images.
namespace regard {

/// [runs][images]: 1 where a run was right, 0 where it was not; between them, the share of several
/// measurements of one run.
using Replicates = std::vector<std::vector<float>>;

struct ReplicatedMean {
  double mean = 0;
  double deviation = std::numeric_limits<double>::quiet_NaN();  ///< of the runs' means; NaN of a single run
  Interval interval;
};

/// The mean over runs and images, with a 95 % interval that resamples both (hierarchical bootstrap: Davison &
/// Hinkley, Bootstrap Methods and their Application, 1997, section 3.8). Of n runs n - 1 are drawn, with
/// repetition, so that few runs do not make the interval too narrow (Rao & Wu, JASA 1988); a single run is
/// drawn always, and the interval is of the images alone. Throws Error where there are no runs or images, or
/// runs differ in length.
ReplicatedMean replicated_mean(const Replicates& runs, int resamples = 2000, std::uint64_t seed = 1);

/// How much more the second has: the same images are drawn for both, runs of each by themselves.
ReplicatedMean replicated_difference(const Replicates& first, const Replicates& second, int resamples = 2000,
                                     std::uint64_t seed = 1);

}  // namespace regard

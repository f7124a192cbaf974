#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "lab/metrics/metrics.h"

namespace regard {

template <class Numbers>
double mean_of(const Numbers& values) {
  return std::accumulate(values.begin(), values.end(), 0.) / static_cast<double>(values.size());
}

/// The 2.5 and 97.5 % percentiles of resampled values, which are sorted by it.
inline Interval percentile_interval(std::vector<double>& values) {
  std::sort(values.begin(), values.end());
  const auto at = [&](double share) {
    return values[static_cast<std::size_t>(std::lround(share * static_cast<double>(values.size() - 1)))];
  };
  return {at(.025), at(.975)};
}

}  // namespace regard

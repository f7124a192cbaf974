#pragma once

#include <cstdint>

#include "lab/metrics/metrics.h"

/// Temperature scaling (Guo et al., ICML 2017): one number, fitted on held-out data, that the logits are
/// divided by so that probabilities are calibrated.
namespace regard {

inline constexpr double kMinTemperature = 0.05;
inline constexpr double kMaxTemperature = 20;

/// The temperature with the least mean log loss on these rows, within the two bounds above. Throws Error for
/// no rows and for logits that are not finite.
double fit_temperature(const Scores& scores, std::span<const std::size_t> rows);

/// A fold, 0 to `folds` - 1, for each of `count` images: at random from `seed`, of almost equal size.
std::vector<int> seeded_folds(std::size_t count, int folds, std::uint64_t seed);

/// Evaluates temperature fitting on held-out data: each fold is measured with the temperature fitted on the
/// others. Throws Error for fewer than two folds.
Metrics cross_fitted(const Scores& scores, std::span<const int> fold_of);

}  // namespace regard

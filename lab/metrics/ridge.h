#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace regard {

/// [penalties][targets][n]
using RidgePredictions = std::vector<std::vector<std::vector<double>>>;

/// Cross-validated predictions of ridge regression (Hoerl & Kennard, Technometrics 1970). features: [n, d];
/// targets: each [n]; fold_of: [n], 0 and up. Every row is predicted by weights that were fitted on the other
/// folds, for each penalty p:
///
///     w = argmin sum((y - mean(y) - (x - mean(x)) w)^2) / n + p |w|^2
///
/// Features are scaled to a standard deviation of 1 over all rows first. Throws Error for sizes that do not
/// fit, fewer than two folds, a fold that holds all rows, and penalties that are not above 0.
RidgePredictions ridge_predictions(std::span<const float> features,
                                   const std::vector<std::vector<double>>& targets,
                                   std::span<const int> fold_of, std::span<const double> penalties);

}  // namespace regard

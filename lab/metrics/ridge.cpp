#include "lab/metrics/ridge.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "regard/core/error.h"
#include "regard/core/parallel.h"

namespace regard {

namespace {

using Numbers = std::vector<double>;

/// In eight sums, which compilers compute side by side.
double dot(const double* a, const double* b, std::size_t count) {
  std::array<double, 8> sums{};
  std::size_t i = 0;
  for (; i + sums.size() <= count; i += sums.size())
    for (std::size_t lane = 0; lane < sums.size(); ++lane) sums[lane] += a[i + lane] * b[i + lane];
  double sum = 0;
  for (; i < count; ++i) sum += a[i] * b[i];
  for (const double part : sums) sum += part;
  return sum;
}

/// A square matrix of which the lower half is used.
struct Symmetric {
  explicit Symmetric(std::size_t side) : side(side), values(side * side) {}
  double* row(std::size_t i) { return &values[i * side]; }
  const double* row(std::size_t i) const { return &values[i * side]; }

  std::size_t side;
  Numbers values;
};

/// The rows of one fold, column by column, and their sums of products.
struct Fold {
  std::vector<std::size_t> rows;
  Numbers columns;               ///< [d][rows]
  Numbers sums;                  ///< of each column
  Numbers target_sums;           ///< of each target
  std::vector<Numbers> moments;  ///< [targets][d]: sums of column times target
  Symmetric products{0};         ///< sums of column times column
};

/// Scaled features [n, d]; columns that never change become 0.
Numbers standardised(std::span<const float> features, std::size_t count) {
  const std::size_t width = features.size() / count;
  Numbers scaled(features.begin(), features.end());
  for (std::size_t column = 0; column < width; ++column) {
    double mean = 0, squares = 0;
    for (std::size_t row = 0; row < count; ++row) mean += scaled[row * width + column];
    mean /= static_cast<double>(count);
    for (std::size_t row = 0; row < count; ++row) {
      double& value = scaled[row * width + column];
      value -= mean;
      squares += value * value;
    }
    const double deviation = std::sqrt(squares / static_cast<double>(count));
    for (std::size_t row = 0; row < count; ++row)
      scaled[row * width + column] *= deviation > 1e-12 ? 1 / deviation : 0;
  }
  return scaled;
}

Fold make_fold(const Numbers& features, std::size_t width, const std::vector<Numbers>& targets,
               std::vector<std::size_t> rows) {
  Fold fold{std::move(rows), {}, {}, {}, {}, Symmetric(width)};
  const std::size_t count = fold.rows.size();
  fold.columns.resize(width * count);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t column = 0; column < width; ++column)
      fold.columns[column * count + i] = features[fold.rows[i] * width + column];
  const Numbers ones(count, 1.);
  const auto column_of = [&](std::size_t column) { return &fold.columns[column * count]; };
  for (std::size_t column = 0; column < width; ++column)
    fold.sums.push_back(dot(column_of(column), ones.data(), count));
  for (const auto& target : targets) {
    Numbers own, moments;
    for (const auto row : fold.rows) own.push_back(target[row]);
    for (std::size_t column = 0; column < width; ++column)
      moments.push_back(dot(column_of(column), own.data(), count));
    fold.target_sums.push_back(dot(own.data(), ones.data(), count));
    fold.moments.push_back(std::move(moments));
  }
  for (std::size_t i = 0; i < width; ++i)
    for (std::size_t j = 0; j <= i; ++j) fold.products.row(i)[j] = dot(column_of(i), column_of(j), count);
  return fold;
}

/// What all folds but one sum up to, as covariances.
struct Rest {
  Numbers mean, target_means;
  std::vector<Numbers> covariances;  ///< [targets][d]
  Symmetric covariance{0};
};

void add(Numbers& sum, const Numbers& values) {
  sum.resize(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) sum[i] += values[i];
}

Rest without(const std::vector<Fold>& folds, std::size_t left_out) {
  const std::size_t width = folds.front().products.side, targets = folds.front().moments.size();
  Rest rest{{}, {}, std::vector<Numbers>(targets), Symmetric(width)};
  double count = 0;
  for (std::size_t f = 0; f < folds.size(); ++f) {
    if (f == left_out) continue;
    count += static_cast<double>(folds[f].rows.size());
    add(rest.mean, folds[f].sums);
    add(rest.target_means, folds[f].target_sums);
    add(rest.covariance.values, folds[f].products.values);
    for (std::size_t t = 0; t < targets; ++t) add(rest.covariances[t], folds[f].moments[t]);
  }
  for (auto* sums : {&rest.mean, &rest.target_means, &rest.covariance.values})
    for (double& value : *sums) value /= count;
  for (std::size_t t = 0; t < targets; ++t)
    for (std::size_t i = 0; i < width; ++i)
      rest.covariances[t][i] = rest.covariances[t][i] / count - rest.mean[i] * rest.target_means[t];
  for (std::size_t i = 0; i < width; ++i)
    for (std::size_t j = 0; j <= i; ++j) rest.covariance.row(i)[j] -= rest.mean[i] * rest.mean[j];
  return rest;
}

/// Cholesky's decomposition of a positive definite matrix, in place.
void decompose(Symmetric& matrix) {
  for (std::size_t i = 0; i < matrix.side; ++i) {
    double* row = matrix.row(i);
    for (std::size_t j = 0; j < i; ++j) row[j] = (row[j] - dot(row, matrix.row(j), j)) / matrix.row(j)[j];
    row[i] = std::sqrt(row[i] - dot(row, row, i));
  }
}

/// Solves for the decomposed matrix.
Numbers solved(const Symmetric& lower, Numbers x) {
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = (x[i] - dot(lower.row(i), x.data(), i)) / lower.row(i)[i];
  for (std::size_t i = x.size(); i-- > 0;) {
    x[i] /= lower.row(i)[i];
    for (std::size_t j = 0; j < i; ++j) x[j] -= lower.row(i)[j] * x[i];
  }
  return x;
}

void predict_fold(const std::vector<Fold>& folds, std::size_t f, std::span<const double> penalties,
                  RidgePredictions& predictions) {
  const Rest rest = without(folds, f);
  const auto& [rows, columns, sums, target_sums, moments, products] = folds[f];
  for (std::size_t p = 0; p < penalties.size(); ++p) {
    Symmetric matrix = rest.covariance;
    for (std::size_t i = 0; i < matrix.side; ++i) matrix.row(i)[i] += penalties[p];
    decompose(matrix);
    for (std::size_t t = 0; t < rest.covariances.size(); ++t) {
      const auto weights = solved(matrix, rest.covariances[t]);
      const double constant = rest.target_means[t] - dot(weights.data(), rest.mean.data(), weights.size());
      auto& predicted = predictions[p][t];
      for (const auto row : rows) predicted[row] = constant;
      for (std::size_t column = 0; column < weights.size(); ++column)
        for (std::size_t i = 0; i < rows.size(); ++i)
          predicted[rows[i]] += weights[column] * columns[column * rows.size() + i];
    }
  }
}

void check(bool good, const char* what, const std::string& expected, std::size_t got) {
  if (!good) throw Error("ridge regression cannot be fitted", what, expected, std::to_string(got));
}

void check_sizes(std::span<const float> features, const std::vector<Numbers>& targets, std::size_t count,
                 std::span<const double> penalties) {
  check(count > 0 && features.size() >= count && features.size() % count == 0, "features",
        "as many for each of " + std::to_string(count) + " rows", features.size());
  check(!targets.empty(), "targets", "1 or more", 0);
  for (const auto& target : targets)
    check(target.size() == count, "targets", std::to_string(count), target.size());
  check(!penalties.empty() && *std::ranges::min_element(penalties) > 0, "penalties", "above 0",
        penalties.size());
}

std::vector<std::vector<std::size_t>> rows_of_folds(std::span<const int> fold_of) {
  std::vector<std::vector<std::size_t>> rows;
  for (std::size_t i = 0; i < fold_of.size(); ++i) {
    const auto fold = static_cast<std::size_t>(std::max(0, fold_of[i]));
    rows.resize(std::max(rows.size(), fold + 1));
    rows[fold].push_back(i);
  }
  std::erase_if(rows, [](const auto& one) { return one.empty(); });
  check(rows.size() >= 2, "folds with rows", "2 or more", rows.size());
  return rows;
}

}  // namespace

RidgePredictions ridge_predictions(std::span<const float> features, const std::vector<Numbers>& targets,
                                   std::span<const int> fold_of, std::span<const double> penalties) {
  const std::size_t count = fold_of.size();
  check_sizes(features, targets, count, penalties);
  const auto rows = rows_of_folds(fold_of);
  const auto scaled = standardised(features, count);
  std::vector<Fold> folds(rows.size());
  for_each_index(folds.size(), usual_threads(), [&](std::size_t, std::size_t f) {
    folds[f] = make_fold(scaled, scaled.size() / count, targets, rows[f]);
  });
  RidgePredictions predictions(penalties.size(), std::vector<Numbers>(targets.size(), Numbers(count)));
  for_each_index(folds.size(), usual_threads(),
                 [&](std::size_t, std::size_t f) { predict_fold(folds, f, penalties, predictions); });
  return predictions;
}

}  // namespace regard

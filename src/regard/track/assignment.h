#pragma once

#include <cstddef>
#include <vector>

namespace regard {

/// A matrix of costs, row by row. An infinite cost forbids the pair.
struct Costs {
  std::size_t rows = 0, columns = 0;
  std::vector<double> values = {};

  Costs(std::size_t rows, std::size_t columns, double value = 0)
      : rows(rows), columns(columns), values(rows * columns, value) {}

  double& operator()(std::size_t row, std::size_t column) { return values[row * columns + column]; }
  double operator()(std::size_t row, std::size_t column) const { return values[row * columns + column]; }
};

/// The column of a row that has none.
inline constexpr std::size_t kUnassigned = static_cast<std::size_t>(-1);

/// The cheapest assignment of rows to columns, where a row without a column costs `limit`: a column for each
/// row, no column twice. So no pair above `limit` is made. Shortest augmenting paths (Jonker and Volgenant,
/// Computing 1987), in O(rows^2 (rows + columns)). Of equally good assignments, always the same one.
std::vector<std::size_t> assign(const Costs& costs, double limit);

}  // namespace regard

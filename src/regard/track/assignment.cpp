#include "regard/track/assignment.h"

#include <algorithm>
#include <limits>

namespace regard {
namespace {

constexpr double kForbidden = 1e9;  // finite, so that differences of potentials are numbers

/// Shortest augmenting paths over the columns, and one column for each row that stands for none.
class Assignment {
 public:
  Assignment(const Costs& costs, double limit)
      : costs_(costs),
        limit_(limit),
        columns_(costs.rows + costs.columns),
        row_potential_(costs.rows),
        column_potential_(columns_),
        row_of_(columns_, kUnassigned) {}

  void add(std::size_t row) {
    root_ = row;
    distance_.assign(columns_, std::numeric_limits<double>::infinity());
    before_.assign(columns_, kUnassigned);
    done_.assign(columns_, false);
    std::size_t column = kUnassigned;
    do column = step(column == kUnassigned ? row : row_of_[column], column);
    while (row_of_[column] != kUnassigned);
    flip_path(row, column);
  }

  std::vector<std::size_t> columns() const {
    std::vector<std::size_t> result(costs_.rows, kUnassigned);
    for (std::size_t j = 0; j < costs_.columns; ++j)
      if (row_of_[j] != kUnassigned) result[row_of_[j]] = j;
    return result;
  }

 private:
  double reduced(std::size_t row, std::size_t column) const {
    const double cost = column < costs_.columns          ? std::min(costs_(row, column), kForbidden)
                        : column - costs_.columns == row ? limit_
                                                         : kForbidden;
    return cost - row_potential_[row] - column_potential_[column];
  }

  /// Extends the shortest paths by the edges of `row`, which was reached through column `via`, and moves the
  /// potentials so that the nearest column, which is returned, is at distance 0.
  std::size_t step(std::size_t row, std::size_t via) {
    if (via != kUnassigned) done_[via] = true;
    std::size_t nearest = kUnassigned;
    for (std::size_t j = 0; j < columns_; ++j) {
      if (done_[j]) continue;
      if (const double d = reduced(row, j); d < distance_[j]) distance_[j] = d, before_[j] = via;
      if (nearest == kUnassigned || distance_[j] < distance_[nearest]) nearest = j;
    }
    move_potentials(distance_[nearest]);
    return nearest;
  }

  void move_potentials(double by) {
    row_potential_[root_] += by;
    for (std::size_t j = 0; j < columns_; ++j) {
      if (done_[j])
        row_potential_[row_of_[j]] += by, column_potential_[j] -= by;
      else
        distance_[j] -= by;
    }
  }

  void flip_path(std::size_t row, std::size_t column) {
    for (; before_[column] != kUnassigned; column = before_[column])
      row_of_[column] = row_of_[before_[column]];
    row_of_[column] = row;
  }

  const Costs& costs_;
  double limit_;
  std::size_t columns_, root_ = 0;
  std::vector<double> row_potential_, column_potential_, distance_ = {};
  std::vector<std::size_t> row_of_, before_ = {};
  std::vector<bool> done_ = {};
};

}  // namespace

std::vector<std::size_t> assign(const Costs& costs, double limit) {
  Assignment assignment(costs, limit);
  for (std::size_t row = 0; row < costs.rows; ++row) assignment.add(row);
  return assignment.columns();
}

}  // namespace regard

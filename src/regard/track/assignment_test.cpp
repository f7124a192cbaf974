#include "regard/track/assignment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <random>

namespace regard {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

double total(const Costs& costs, const std::vector<std::size_t>& columns, double limit) {
  double sum = 0;
  for (std::size_t i = 0; i < columns.size(); ++i)
    sum += columns[i] == kUnassigned ? limit : costs(i, columns[i]);
  return sum;
}

/// The least total, by trying everything.
double least(const Costs& costs, double limit, std::size_t row, std::vector<bool>& taken) {
  if (row == costs.rows) return 0;
  double best = limit + least(costs, limit, row + 1, taken);
  for (std::size_t j = 0; j < costs.columns; ++j) {
    if (taken[j]) continue;
    taken[j] = true;
    best = std::min(best, costs(row, j) + least(costs, limit, row + 1, taken));
    taken[j] = false;
  }
  return best;
}

TEST(Assignment, IsTheCheapestOfAll) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> cost(0, 1);
  for (int trial = 0; trial < 300; ++trial) {
    Costs costs(random() % 6, random() % 6);
    for (auto& value : costs.values) value = random() % 5 == 0 ? kNever : cost(random);
    std::vector<bool> taken(costs.columns);
    EXPECT_NEAR(total(costs, assign(costs, .6), .6), least(costs, .6, 0, taken), 1e-9) << "trial " << trial;
  }
}

TEST(Assignment, UsesNoColumnTwice) {
  Costs costs(3, 2, .1);
  auto columns = assign(costs, 1);
  EXPECT_EQ(std::ranges::count(columns, kUnassigned), 1);
  EXPECT_EQ(std::ranges::count(columns, 0u), 1);
  EXPECT_EQ(std::ranges::count(columns, 1u), 1);
}

TEST(Assignment, MakesNoPairAboveTheLimitAndNoForbiddenOne) {
  Costs costs(2, 2, kNever);
  costs(0, 0) = .7;
  EXPECT_EQ(assign(costs, .5), (std::vector{kUnassigned, kUnassigned}));
  EXPECT_EQ(assign(costs, .8), (std::vector{std::size_t{0}, kUnassigned}));
}

TEST(Assignment, OfNothingIsNothing) {
  EXPECT_TRUE(assign(Costs(0, 3), 1).empty());
  EXPECT_EQ(assign(Costs(2, 0), 1), (std::vector{kUnassigned, kUnassigned}));
}

}  // namespace
}  // namespace regard

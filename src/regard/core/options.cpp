#include "regard/core/options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>

namespace regard {

namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

}  // namespace

std::string nearest(std::string_view word, std::span<const std::string> known) {
  std::string best;
  std::size_t least = word.size() / 2 + 2;
  for (const auto& candidate : known)
    if (const auto distance = edit_distance(word, candidate); distance < least)
      least = distance, best = candidate;
  return best;
}

double shortest(float value) {
  std::array<char, 32> text;
  const auto end = std::to_chars(text.begin(), text.end(), value).ptr;
  double number = 0;
  std::from_chars(text.begin(), end, number);
  return number;
}

}  // namespace regard

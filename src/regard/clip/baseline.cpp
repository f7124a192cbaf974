#include "regard/clip/baseline.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "regard/clip/summary.h"
#include "regard/core/error.h"

namespace regard {
namespace {

constexpr float kLeastProbability = .001f, kBinWidth = .01f;

std::size_t bin_of(float odds) {
  return static_cast<std::size_t>(std::lround((odds - log_odds(0)) / kBinWidth));
}

float odds_of_bin(std::size_t bin) {
  return log_odds(0) + kBinWidth * static_cast<float>(bin);
}

float median_of(const std::vector<std::uint32_t>& counts) {
  const auto all = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  std::uint64_t below = 0;
  std::size_t bin = 0;
  while (2 * (below + counts[bin]) < all) below += counts[bin++];
  return odds_of_bin(bin);
}

}  // namespace

float log_odds(float probability) {
  const float p = std::clamp(probability, kLeastProbability, 1 - kLeastProbability);
  return std::log(p / (1 - p));
}

float probability_of(float log_odds) {
  return 1 / (1 + std::exp(-log_odds));
}

TimeRange parse_baseline(const std::string& text, const std::string& where) {
  if (text == "median") return {};
  const auto dash = text.find('-');
  std::string from = text.substr(0, dash), to = dash == text.npos ? "" : text.substr(dash + 1);
  if (to.ends_with('s')) to.pop_back();
  if (from.empty() || to.empty())
    throw Error("is no baseline", where, "median, or a range such as 0-10s or 1:20-1:40", "'" + text + "'");
  const TimeRange range{parse_time(from, where), parse_time(to, where)};
  if (!(range.from < range.to))
    throw Error("range of time is empty", where, "a start before the end", "'" + text + "'");
  return range;
}

void Baselines::take(const ClipFrame& frame) {
  if (!range_.contains(frame.stamp.seconds)) return;
  for (const auto& face : frame.faces) {
    if (face.person == kNobody || !face.classified || is_unsure(face, frame.stamp)) continue;
    auto& labels = people_[face.person];
    labels.resize(face.face.probabilities.size(), Counts(bin_of(log_odds(1)) + 1));
    for (std::size_t i = 0; i < labels.size(); ++i) ++labels[i][bin_of(log_odds(face.face.probabilities[i]))];
  }
}

std::vector<float> Baselines::of(int person) const {
  const auto found = people_.find(person);
  std::vector<float> medians;
  if (found == people_.end()) return medians;
  for (const auto& counts : found->second) medians.push_back(median_of(counts));
  return medians;
}

void Baselines::correct(ClipFrame& frame) const {
  for (auto& face : frame.faces) {
    face.corrected = of(face.person);
    for (std::size_t i = 0; i < face.corrected.size(); ++i)
      face.corrected[i] = log_odds(face.smoothed[i]) - face.corrected[i];
  }
}

}  // namespace regard

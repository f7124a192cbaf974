#include "lab/metrics/replicates.h"

#include <cmath>
#include <span>

#include "lab/metrics/resampling.h"
#include "regard/core/error.h"
#include "regard/core/random.h"

namespace regard {

namespace {

void check(const Replicates& runs) {
  if (runs.empty() || runs.front().empty()) throw Error("there are no runs or no images to measure");
  for (const auto& run : runs)
    if (run.size() != runs.front().size())
      throw Error("runs were measured on different images", {}, std::to_string(runs.front().size()),
                  std::to_string(run.size()));
}

std::vector<double> means_of(const Replicates& runs) {
  std::vector<double> means;
  for (const auto& run : runs) means.push_back(mean_of(run));
  return means;
}

/// The mean over the drawn images and over runs, which are drawn here.
double resampled_mean(const Replicates& runs, std::span<const std::size_t> images, SplitMix64& random) {
  const std::size_t drawn = std::max<std::size_t>(1, runs.size() - 1);
  double sum = 0;
  for (std::size_t i = 0; i < drawn; ++i) {
    const auto& run = runs[random.next() % runs.size()];
    for (const auto image : images) sum += run[image];
  }
  return sum / static_cast<double>(drawn * images.size());
}

/// The 2.5 and 97.5 % percentiles of `resamples` means of what `draw` makes of drawn images.
template <class Draw>
Interval bootstrapped(std::size_t images, int resamples, std::uint64_t seed, Draw draw) {
  SplitMix64 random(seed);
  std::vector<double> values;
  std::vector<std::size_t> drawn(images);
  for (int i = 0; i < resamples; ++i) {
    for (auto& image : drawn) image = random.next() % images;
    values.push_back(draw(drawn, random));
  }
  return percentile_interval(values);
}

}  // namespace

ReplicatedMean replicated_mean(const Replicates& runs, int resamples, std::uint64_t seed) {
  check(runs);
  const auto means = means_of(runs);
  return {mean_of(means), std_of(means),
          bootstrapped(runs.front().size(), resamples, seed, [&](const auto& images, auto& random) {
            return resampled_mean(runs, images, random);
          })};
}

ReplicatedMean replicated_difference(const Replicates& first, const Replicates& second, int resamples,
                                     std::uint64_t seed) {
  check(first);
  check(second);
  if (first.front().size() != second.front().size())
    throw Error("rows were measured on different images", {}, std::to_string(first.front().size()),
                std::to_string(second.front().size()));
  const auto interval =
      bootstrapped(first.front().size(), resamples, seed, [&](const auto& images, auto& random) {
        return resampled_mean(second, images, random) - resampled_mean(first, images, random);
      });
  const auto before = means_of(first), after = means_of(second);
  const double spread = std::hypot(std_of(before), std_of(after));
  return {mean_of(after) - mean_of(before), spread, interval};
}

}  // namespace regard

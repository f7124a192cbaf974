#include "lab/recipe/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "regard/core/table.h"

namespace regard {

double one_cycle_rate(const OptimizerOptions& options, const SchedulePlace& place) {
  const double rising = options.warmup * static_cast<double>(place.steps);
  const auto step = static_cast<double>(place.step);
  const auto cosine = [](double from, double to, double share) {
    return to + (from - to) * (1 + std::cos(std::numbers::pi * share)) / 2;
  };
  if (step < rising) return options.learning_rate * cosine(options.initial_fraction, 1, step / rising);
  return options.learning_rate * cosine(1, 0, (step - rising) / (static_cast<double>(place.steps) - rising));
}

double stepped_rate(const OptimizerOptions& options, const SchedulePlace& place) {
  const auto epoch = place.step / place.steps_per_epoch;
  const auto passed = std::ranges::count_if(options.milestones, [&](int drop) { return drop <= epoch; });
  return options.learning_rate * std::pow(options.gamma, passed);
}

double learning_rate(const OptimizerOptions& options, const SchedulePlace& place) {
  return find_row(kSchedules, options.schedule, "schedule").rate(options, place);
}

}  // namespace regard

#pragma once

#include <array>
#include <cstdint>

#include "lab/recipe/optimizer_options.h"

namespace regard {

/// A place in a training run.
struct SchedulePlace {
  std::int64_t step = 0, steps = 0, steps_per_epoch = 1;
};

/// From first * rate up to rate by half a cosine within the warm-up, then down to 0 by another (Smith &
/// Topin, 2019).
double one_cycle_rate(const OptimizerOptions& options, const SchedulePlace& place);

/// The rate, times gamma for each of `milestones` that is among the epochs that have passed.
double stepped_rate(const OptimizerOptions& options, const SchedulePlace& place);

/// A learning rate schedule.
struct Schedule {
  const char* name;
  double (*rate)(const OptimizerOptions& options, const SchedulePlace& place);
};

inline constexpr std::array kSchedules{Schedule{"one_cycle", one_cycle_rate},
                                       Schedule{"steps", stepped_rate}};

/// Learning rate of step 0 to steps - 1, by the options' schedule. Throws Error for an unknown one.
double learning_rate(const OptimizerOptions& options, const SchedulePlace& place);

}  // namespace regard

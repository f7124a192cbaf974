#include "settings.h"

#include <algorithm>

#include "regard/core/error.h"
#include "regard/core/parallel.h"

namespace regard::python {
namespace {

void check(const char* name, int value) {
  if (value < 0) throw Error("is out of range", name, "0 or more", std::to_string(value));
}

}  // namespace

int jobs_of(const Settings& settings) {
  check("threads", settings.threads), check("jobs", settings.jobs);
  if (settings.jobs > 0) return settings.jobs;
  const int usual = static_cast<int>(usual_threads());
  return settings.threads > 0 ? std::min(settings.threads, usual) : usual;
}

RecognizerOptions options_of(const Settings& settings) {
  const int jobs = jobs_of(settings);
  // None: the library divides the cores among the jobs.
  const int threads = settings.threads > 0 ? std::max(1, settings.threads / jobs) : 0;
  return {.detector = {.min_score = settings.min_score, .threads = threads},
          .engine = {.precision = settings.precision, .threads = threads, .prior = settings.prior},
          .jobs = jobs};
}

}  // namespace regard::python

#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "regard/pipeline/recognizer.h"

namespace regard::python {

/// What a recognizer is made with, in Python.
struct Settings {
  std::optional<std::filesystem::path> model;
  int threads, jobs;
  std::string precision, prior;
  float min_score;
};

/// Images at the same time. Throws Error for numbers that are out of range.
int jobs_of(const Settings& settings);

RecognizerOptions options_of(const Settings& settings);

}  // namespace regard::python

#pragma once

#include <string>

#include "lab/evaluate/evaluation.h"

namespace regard {

/// The evaluation as tables for a terminal, at most 100 columns wide, in UTF-8.
std::string text_report(const Evaluation& evaluation);

}  // namespace regard

#pragma once

#include <string>

#include "lab/evaluate/evaluation.h"

namespace regard {

/// The evaluation as one self-contained HTML page: tables, confusion matrices, reliability diagrams, and the
/// most certain mistakes with their images, at most `mistakes` of them. `set`: what was evaluated.
std::string html_report(const Evaluation& evaluation, const EvaluationSet& set, std::size_t mistakes = 48);

}  // namespace regard

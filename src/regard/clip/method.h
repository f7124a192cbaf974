#pragma once

#include <string>
#include <vector>

#include "regard/pipeline/recognizer.h"

namespace regard {

/// How a table came about, as a sentence for the methods section of a paper. `options`: those that were
/// given, as on the command line; none: the defaults.
std::string method_sentence(const std::string& version, const ModelInfo& model,
                            const std::vector<std::string>& options);

}  // namespace regard

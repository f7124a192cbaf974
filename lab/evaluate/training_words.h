#pragma once

#include <string>

#include "regard/core/options.h"

namespace regard {

/// Describes a model's training data and what was held out, from its `data`: "train and valid of ferplus
/// (25706 images), fold 3 of ferplus.csv (6427 images) held out", and whether the split that it is evaluated
/// on is among them. Empty if it does not say.
std::string training_words(const Json& data, const std::string& dataset, const std::string& split);

}  // namespace regard

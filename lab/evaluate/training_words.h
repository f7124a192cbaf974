#pragma once

#include <string>

#include "regard/core/options.h"

namespace regard {

/// What a model's `data` says that it was trained on and what was held out: "train and valid of ferplus
/// (25706 images), fold 3 of ferplus.csv (6427 images) held out". Empty where it does not say.
std::string training_words(const Json& data);

}  // namespace regard

#pragma once

#include <string>

#include "regard/engine/options.h"
#include "regard/model/model.h"

namespace regard {

/// The precision in which the engine runs a model: the one that is asked for; "auto" is the fastest that the
/// kind of CPU has instructions for, int8 only for a quantized model. It does not depend on anything that
/// changes from run to run. Throws Error for an unknown precision, and for int8 if the model is not
/// quantized.
std::string precision_of(const Model& model, const EngineOptions& options);

/// The temperature that belongs to a precision.
float temperature_of(const Model& model, const std::string& precision);

}  // namespace regard

#include "regard/engine/precision.h"

#include <array>

#include "regard/core/error.h"

namespace regard {

namespace {

/// A precision by name, and whether `auto` may take it; the faster ones first.
struct PrecisionRow {
  const char* name;
  bool (*suits)(const Model& model);
};

#if defined(__x86_64__)
bool has_integers() {
  return __builtin_cpu_supports("avx2");
}
bool has_bf16() {
  return __builtin_cpu_supports("avx512bf16");
}
#else
bool has_integers() {
  return false;
}
bool has_bf16() {
  return false;
}
#endif

constexpr std::array kPrecisions{
    PrecisionRow{"int8", [](const Model& model) { return has_integers() && !model.quantization.empty(); }},
    PrecisionRow{"bf16", [](const Model&) { return has_bf16(); }},
    PrecisionRow{"f32", [](const Model&) { return true; }}};

}  // namespace

std::string precision_of(const Model& model, const EngineOptions& options) {
  for (const auto& row : kPrecisions)
    if (options.precision == "auto" ? row.suits(model) : options.precision == row.name) {
      if (options.precision == "int8") expect_quantized(model);
      return row.name;
    }
  throw Error("unknown precision", "precision", "f32, bf16, int8 or auto", options.precision);
}

float temperature_of(const Model& model, const std::string& precision) {
  return precision == "int8" ? model.quantization.temperature : model.network.temperature;
}

}  // namespace regard

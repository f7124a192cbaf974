#pragma once

#include "regard/engine/engine.h"

namespace regard {

/// The overhead of the engine: milliseconds per call for a batch of chips, medians of alternating runs.
struct Overhead {
  double engine = 0;  ///< Engine::predict: conversion of the chips, a free batch size, copies of the results
  double graph = 0;   ///< OpenVINO alone, compiled for that batch size, its input already there

  /// 0.05: the engine takes 5 % longer.
  double share() const { return engine / graph - 1; }
};

/// Measures with `batch` random chips. Throws Error if runs < 1 or batch < 1, else as Engine does.
Overhead measure_overhead(const Model& model, const EngineOptions& options, int batch, int runs);

}  // namespace regard

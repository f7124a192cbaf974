#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "regard/core/image.h"
#include "regard/ops/model.h"

namespace regard {

struct EngineOptions {
  std::string precision = "f32";
  int threads = 0;

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("precision", precision, "what convolutions compute in: f32 or bf16");
    visit("threads", threads, "threads of computation; 0: as many as there are cores");
  }
};

/// What a network says of n chips, row by row.
struct Predictions {
  std::size_t classes = 0;
  std::vector<float> logits;         ///< [n, classes], before the temperature
  std::vector<float> probabilities;  ///< [n, classes], calibrated
};

/// A model compiled for this machine: chips in, probabilities out. Its batch sizes and threads are its own
/// business. All members may be called from several threads at once.
class Engine {
 public:
  /// Compiles. Throws Error for unknown options and for a model that cannot be compiled.
  explicit Engine(const Model& model, const EngineOptions& options = {});
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  /// Any number of chips, each of the model's chip size, RGB or grey. Throws Error for chips of another size.
  Predictions predict(std::span<const ImageView> chips) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace regard

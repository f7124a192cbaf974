#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "regard/core/geometry.h"
#include "regard/core/image.h"
#include "regard/engine/options.h"
#include "regard/model/model.h"

namespace regard {

/// What a network says of n chips, row by row.
struct Predictions {
  std::size_t classes = 0;
  std::size_t views = 0;             ///< k; 0 where the network does not weigh views
  std::vector<float> logits;         ///< [n, classes], before the temperature
  std::vector<float> probabilities;  ///< [n, classes], calibrated
  /// Of a network that weighs views, the whole face first, each [n, k]: their shares in the answer, which sum
  /// to 1, and both attentions; empty what the network does not have.
  std::vector<float> view_weights, self_attention, relation_attention;
  /// Of a network that finds its views by itself: where they lie, affines in fractions of the chip [n, k, 2,
  /// 3].
  std::vector<float> places;
  /// Of a network that tells the head pose: yaw, pitch and roll in degrees [n, 3], or the probabilities of
  /// its classes of yaw [n, classes].
  std::vector<float> pose;
};

/// A model compiled for this machine: chips in, probabilities out. Its batch sizes and threads are its own
/// business. All members may be called from several threads at once.
class Engine {
 public:
  /// Compiles. Throws Error for unknown options, for a model whose classifier is untrained and for one that
  /// cannot be compiled.
  explicit Engine(const Model& model, const EngineOptions& options = {});
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  /// Any number of chips, each of the model's chip size, RGB or grey; for networks that look around
  /// landmarks, also where these lie in each chip, in fractions of its side (none: where they lie on
  /// average). Throws Error for chips of another size and for landmarks of another number of faces.
  Predictions predict(std::span<const ImageView> chips, std::span<const Landmarks> landmarks = {}) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace regard

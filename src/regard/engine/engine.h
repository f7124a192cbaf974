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

/// The outputs of a network for n chips, row by row.
struct Predictions {
  std::size_t classes = 0;
  std::size_t views = 0;             ///< k; 0 if the network does not weight views
  std::vector<float> logits;         ///< [n, classes], before the temperature
  std::vector<float> probabilities;  ///< [n, classes], calibrated
  /// For networks that weight views, the whole face first, each [n, k]: the weights of the views, which sum
  /// to 1, and both attentions; empty if the network does not have them.
  std::vector<float> view_weights, self_attention, relation_attention;
  /// For networks that find their views themselves: their places, affines in fractions of the chip [n, k, 2,
  /// 3].
  std::vector<float> places;
  /// For networks that predict the head pose: yaw, pitch and roll in degrees [n, 3], or the probabilities of
  /// the yaw classes [n, classes].
  std::vector<float> pose;
  /// If EngineOptions::features asks for them: what the classifier sees of each chip [n, d].
  std::vector<float> features;
};

/// A model compiled for the local machine: chips in, probabilities out. It manages its batch sizes and
/// threads itself. All members are thread safe.
class Engine {
 public:
  /// Compiles. Throws Error for unknown options, for a model whose classifier is untrained, for one that
  /// cannot be compiled, for int8 if it is not quantized, for a balanced prior where the model does not know
  /// its own, and if features are asked for and the network has no single one per face.
  explicit Engine(const Model& model, const EngineOptions& options = {});
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  /// Any number of chips, each of the model's chip size, RGB or grey. Networks with regions around landmarks
  /// also need the landmarks of each chip, in fractions of its side (none: the average positions). Throws
  /// Error for chips of another size and for a different number of landmarks.
  Predictions predict(std::span<const ImageView> chips, std::span<const Landmarks> landmarks = {}) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace regard

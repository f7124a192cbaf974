#pragma once

#include <memory>
#include <span>
#include <vector>

#include "regard/core/chip.h"
#include "regard/core/image.h"
#include "regard/engine/options.h"
#include "regard/model/model.h"

namespace regard {

/// Vectors that tell people apart, for chips that are cut as the model says: what a middle layer of its
/// network (conv_pw_5 of MobileNet v1, before its batch norm) shows on average over the chip, less its mean
/// in training, which is the running mean of the batch norm. The layer was trained for expressions, not for
/// people: it knows them again in about the same light and size, within a clip. All members are thread safe.
class Appearance {
 public:
  /// Compiles the first layers. Throws Error for a network that is not built on MobileNet v1, and for unknown
  /// options.
  explicit Appearance(const Model& model, const EngineOptions& options = {});
  ~Appearance();
  Appearance(Appearance&&) noexcept;
  Appearance& operator=(Appearance&&) noexcept;

  /// One vector of length 1 per chip; the cosine between two is high for the same person. Throws Error for
  /// chips of another size.
  std::vector<std::vector<float>> describe(std::span<const ImageView> chips) const;

  /// How a face becomes a chip.
  const ChipOptions& chip() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace regard

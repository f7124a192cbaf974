#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "regard/core/chip.h"
#include "regard/core/image.h"
#include "regard/engine/options.h"
#include "regard/model/model.h"

namespace regard {

/// Vectors that tell people apart, for chips that are cut as the model says: what a middle layer of its
/// network shows on average over the chip (conv_pw_7 of MobileNet v1), projected on the directions in which
/// faces differ more than images of one face do (bench/appearance_projection.py). The layer was trained for
/// expressions, not for people: it knows them again within a clip, not in another light. All members are
/// thread safe.
class Appearance {
 public:
  /// Compiles the first layers. `projection`: appearance_file(). Throws Error if it cannot be read, for a
  /// network whose layers are not those that it was made for (they are the same in all shipped models), and
  /// for unknown options.
  Appearance(const Model& model, const std::filesystem::path& projection, const EngineOptions& options = {});
  ~Appearance();
  Appearance(Appearance&&) noexcept;
  Appearance& operator=(Appearance&&) noexcept;

  /// One vector of 64 numbers and length 1 per chip; the cosine between two is high for the same person.
  /// Throws Error for chips of another size.
  std::vector<std::vector<float>> describe(std::span<const ImageView> chips) const;

  /// How a face becomes a chip.
  const ChipOptions& chip() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace regard

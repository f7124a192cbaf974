#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "regard/core/chip.h"
#include "regard/core/image.h"
#include "regard/engine/options.h"

namespace regard {

/// Vectors that tell people apart: what a middle layer of a network shows on average over a chip (conv_pw_7
/// of a MobileNet v1), projected on the directions in which faces differ more than images of one face do
/// (bench/appearance_projection.py). The layers were trained for expressions, not for people: they know them
/// again within a clip, not in another light. All members are thread safe.
class Appearance {
 public:
  /// `chip`: how a face becomes a chip, of any size. `file`: appearance_file(), which has layers and
  /// projection. Throws Error if it cannot be read, for layers and a projection that do not fit, and for
  /// unknown options.
  Appearance(const ChipOptions& chip, const std::filesystem::path& file, const EngineOptions& options = {});
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

#pragma once

#include <vector>

#include "regard/core/geometry.h"
#include "regard/ops/spec.h"

/// Which parts of a chip a network sees. An affine maps a point of the view to a point of the chip, both in
/// fractions of their size.
namespace regard {

inline constexpr Affine kWholeFace{{1, 0, 0, 0, 1, 0}};
inline constexpr Affine kMirroredFace{{-1, 0, 1, 0, 1, 0}};

/// The centred part of the chip with sides `zoom` times the chip's: below 1 zooms in, above 1 zooms out.
constexpr Affine about_centre(float zoom) {
  return {{zoom, 0, (1 - zoom) / 2, 0, zoom, (1 - zoom) / 2}};
}

/// The same views for every face: [1, k, 2, 3].
template <class Ops>
Value<Ops> constant_affines(Ops& ops, const std::vector<Affine>& views) {
  std::vector<float> values;
  for (const auto& view : views) values.insert(values.end(), view.m.begin(), view.m.end());
  return ops.constant({1, static_cast<std::int64_t>(views.size()), 2, 3}, values);
}

}  // namespace regard

#pragma once

#include <string>

#include "regard/core/options.h"
#include "regard/region/views.h"

namespace regard {

/// Which regions of a face are used in addition to the whole face (Wang et al., IEEE TIP 2020, section
/// III-A).
struct RegionOptions {
  std::string scheme = "fixed";
  float scale = 1;
  int count = 3;
  float smallest = .70f, largest = .95f;
  std::int64_t seed = 1;
  float half_side = .4f;
  std::vector<int> only;

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("scheme", scheme,
          "fixed (the paper's five), fixed7 (the authors' AffectNet code), random, landmark or none");
    visit("scale", scale, "factor of the sides of fixed regions (Fig. 10)");
    visit("count", count, "random: number of regions");
    visit("smallest", smallest, "random: shortest side, fraction of the chip");
    visit("largest", largest, "random: longest side, fraction of the chip");
    visit("seed", seed, "random: seed of the regions after training");
    visit("half_side", half_side,
          "landmark: half the side of the square around each, as a fraction of the chip");
    visit("only", only, "the views in use, 0 being the whole face; empty: all");
  }
};

/// The whole face and the regions of a scheme that depends on its options only: fixed, fixed7, none, or
/// random (from its seed). Throws Error for other schemes and for options out of range.
std::vector<Affine> known_views(const RegionOptions& options);

/// Number of views of a scheme, including the whole face.
int count_views(const RegionOptions& options);

/// The views of one face with these landmarks, in fractions of the chip; the same as view_affines.
std::vector<Affine> views_of_face(const RegionOptions& options, const Landmarks& landmarks);

/// Human-readable names of the views, in order: "whole face", "top left", "left eye", ... Left is the left of
/// the image. Throws Error as known_views does.
std::vector<std::string> view_names(const RegionOptions& options);

/// The views of a scheme, the whole face first: [1 or n, k, 2, 3].
template <class Ops>
Value<Ops> view_affines(Ops& ops, const RegionOptions& options) {
  if (options.scheme == "random" && options.only.empty())
    return ops.random_regions({options.count, options.smallest, options.largest, options.seed});
  if (options.scheme == "landmark") {
    const auto all = ops.squares_around(ops.landmarks(), options.half_side);
    return options.only.empty() ? all : ops.keep_views(all, options.only);
  }
  return constant_affines(ops, known_views(options));
}

}  // namespace regard

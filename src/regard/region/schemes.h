#pragma once

#include <string>

#include "regard/core/options.h"
#include "regard/region/views.h"

namespace regard {

/// Which parts of a face are looked at beside the whole of it (Wang et al., IEEE TIP 2020, section III-A).
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
          "fixed (the paper's 5), fixed7 (the authors' AffectNet code), random, landmark or none");
    visit("scale", scale, "what the sides of fixed regions are multiplied by (Fig. 10)");
    visit("count", count, "random: how many regions");
    visit("smallest", smallest, "random: shortest side, fraction of the chip");
    visit("largest", largest, "random: longest side, fraction of the chip");
    visit("seed", seed, "random: of the regions that are looked at after training");
    visit("half_side", half_side, "landmark: half the side of the square about each, fraction of the chip");
    visit("only", only, "the views that are kept, 0 the whole face; empty: all");
  }
};

/// The whole face and the regions of a scheme that needs no more than its options: fixed, fixed7, none, or
/// random as it is drawn from its seed. Throws Error for others and for options out of range.
std::vector<Affine> known_views(const RegionOptions& options);

/// How many views a scheme has, the whole face included.
int count_views(const RegionOptions& options);

/// The views of one face whose landmarks lie there, in fractions of the chip: the same as view_affines.
std::vector<Affine> views_of_face(const RegionOptions& options, const Landmarks& landmarks);

/// What people call the views, in their order: "whole face", "top left", "left eye", ... Left is the
/// image's left. Throws Error as known_views does.
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

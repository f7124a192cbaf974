#pragma once

#include <string>

#include "regard/core/options.h"
#include "regard/core/table.h"
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

/// Whether the views lie at the same places of every face.
bool has_fixed_places(const RegionOptions& options);

/// Whether the places of the views depend on the landmarks.
bool depends_on_face(const RegionOptions& options);

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

/// The rows of the table of schemes. Each row defines all of its views, the whole face first, regardless of
/// RegionOptions::only: their names and places (around the landmarks, if the scheme depends on the face); and
/// builds those that are kept.
namespace region_schemes {

/// For rows whose views are the same for every face.
struct SameForAll {
  static constexpr bool kFixedPlaces = true;
  static constexpr bool kDependsOnFace = false;

  template <class Ops>
  static Value<Ops> affines(Ops& ops, const RegionOptions& options) {
    return constant_affines(ops, known_views(options));
  }
};

/// The whole face alone.
struct None : SameForAll {
  static constexpr const char* kName = "none";
  static std::vector<std::string> names(const RegionOptions& options);
  static std::vector<Affine> views(const RegionOptions& options, const Landmarks& landmarks);
};

/// The paper's Figure 2.
struct Fixed : SameForAll {
  static constexpr const char* kName = "fixed";
  static std::vector<std::string> names(const RegionOptions& options);
  static std::vector<Affine> views(const RegionOptions& options, const Landmarks& landmarks);
};

/// The authors' code for AffectNet.
struct Fixed7 : SameForAll {
  static constexpr const char* kName = "fixed7";
  static std::vector<std::string> names(const RegionOptions& options);
  static std::vector<Affine> views(const RegionOptions& options, const Landmarks& landmarks);
};

/// Sampled for every face in training, and fixed afterwards.
struct Random {
  static constexpr const char* kName = "random";
  static constexpr bool kFixedPlaces = false;
  static constexpr bool kDependsOnFace = false;
  static std::vector<std::string> names(const RegionOptions& options);
  static std::vector<Affine> views(const RegionOptions& options, const Landmarks& landmarks);

  template <class Ops>
  static Value<Ops> affines(Ops& ops, const RegionOptions& options) {
    if (!options.only.empty()) return constant_affines(ops, known_views(options));
    return ops.random_regions({options.count, options.smallest, options.largest, options.seed});
  }
};

/// Squares around the eyes, the nose and the corners of the mouth.
struct Landmark {
  static constexpr const char* kName = "landmark";
  static constexpr bool kFixedPlaces = false;
  static constexpr bool kDependsOnFace = true;
  static std::vector<std::string> names(const RegionOptions& options);
  static std::vector<Affine> views(const RegionOptions& options, const Landmarks& landmarks);

  template <class Ops>
  static Value<Ops> affines(Ops& ops, const RegionOptions& options) {
    const auto all = ops.squares_around(ops.landmarks(), options.half_side);
    return options.only.empty() ? all : ops.keep_views(all, options.only);
  }
};

}  // namespace region_schemes

using RegionSchemes = TypeTable<region_schemes::Fixed, region_schemes::Fixed7, region_schemes::Random,
                                region_schemes::Landmark, region_schemes::None>;

/// Calls `use` with the row of a scheme. Throws Error for an unknown scheme.
template <class Use>
auto with_scheme(const RegionOptions& options, Use&& use) {
  return RegionSchemes::with(options.scheme, "scheme of regions", use);
}

/// The views of a scheme, the whole face first: [1 or n, k, 2, 3].
template <class Ops>
Value<Ops> view_affines(Ops& ops, const RegionOptions& options) {
  return with_scheme(options, [&](auto row) -> Value<Ops> { return row.affines(ops, options); });
}

}  // namespace regard

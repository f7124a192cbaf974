#pragma once

#include "regard/network/backbone.h"
#include "regard/region/schemes.h"

namespace regard {

/// How a network of several views sees a face: what the views are, what computes their features.
struct RegionFeaturesOptions {
  std::string backbone = "mobilenet_v1";
  int input_size = 160;
  RegionOptions regions;
  std::string cut_from = "chip";
  int map_size = 8;
  bool flip_tta = false;
  NormalizeOptions normalize;

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("backbone", backbone, "the convolutional network, one for all views");
    visit("input_size", input_size, "pixels a side that views are scaled to for the backbone");
    visit("regions", regions, "which parts of the face are looked at");
    visit("cut_from", cut_from,
          "chip (every view is an image, as in the paper) or map (of the features of the whole face)");
    visit("map_size", map_size, "side of the views that are cut from the map");
    visit("flip_tta", flip_tta, "also look at the mirrored face and take the mean of both logits");
    visit("normalize", normalize, "what the backbone sees of the chip's values");
  }

  /// How often a face is looked at: as it is and, perhaps, mirrored.
  int flips() const { return flip_tta ? 2 : 1; }
};

/// The places of all views of all looks in the chip. What lies at the same places of the mirrored face is cut
/// there, so that a view's place means the same in every look; about landmarks, which move with the face, the
/// same part is mirrored, as are random regions, whose places mean nothing.
template <class Ops>
Value<Ops> affines_of_flips(Ops& ops, const RegionFeaturesOptions& options) {
  const auto& regions = options.regions;
  if (!options.flip_tta) return view_affines(ops, regions);
  if (!has_fixed_places(regions)) return ops.with_mirrored(view_affines(ops, regions));
  auto views = known_views(regions);
  for (const auto& view : known_views(regions)) views.push_back(compose(kMirroredFace, view));
  return constant_affines(ops, views);
}

/// Every view as an image of its own through the backbone (Wang et al., IEEE TIP 2020): k passes.
template <class Ops>
Value<Ops> features_of_chip(Ops& ops, Value<Ops> chip, const RegionFeaturesOptions& options) {
  const auto views = ops.views(chip, affines_of_flips(ops, options), options.input_size);
  return backbone(ops, options.backbone, ops.normalize(views, options.normalize));
}

/// One pass of the backbone's first part over the face; its second part over views cut out of that map.
template <class Ops>
Value<Ops> features_of_map(Ops& ops, Value<Ops> chip, const RegionFeaturesOptions& options) {
  if (options.flip_tta && depends_on_face(options.regions))
    throw Error("regions about landmarks cannot be cut from the map of a mirrored face", "cut_from", "chip");
  auto flips = constant_affines(ops, {kWholeFace});
  if (options.flip_tta) flips = ops.with_mirrored(flips);
  const auto faces = ops.normalize(ops.views(chip, flips, options.input_size), options.normalize);
  const auto map = backbone_trunk(ops, options.backbone, faces);
  const auto views = ops.regions(map, view_affines(ops, options.regions), options.map_size);
  return backbone_last_stage(ops, options.backbone, views);
}

/// What views are cut from: see RegionFeaturesOptions::cut_from.
template <class Ops>
struct CutFrom {
  const char* name;
  Value<Ops> (*features)(Ops& ops, Value<Ops> chip, const RegionFeaturesOptions& options);
};

template <class Ops>
inline constexpr std::array kCutFrom{CutFrom<Ops>{"chip", features_of_chip<Ops>},
                                     CutFrom<Ops>{"map", features_of_map<Ops>}};

/// chip: [n, 3, s, s] -> features [n flips, k, d]: the views of each look at a face, the whole face first.
template <class Ops>
Value<Ops> region_features(Ops& ops, Value<Ops> chip, const RegionFeaturesOptions& options) {
  const auto seen = options.normalize.grey ? ops.luma(chip) : chip;
  const auto& source = find_row(kCutFrom<Ops>, options.cut_from, "place to cut views from");
  return ops.split_views(source.features(ops, seen, options), count_views(options.regions));
}

/// [n flips, d] -> [n, d], the mean over a face's looks.
template <class Ops>
Value<Ops> mean_over_flips(Ops& ops, Value<Ops> x, const RegionFeaturesOptions& options) {
  return options.flip_tta ? ops.mean_of_views(ops.split_views(x, options.flips())) : x;
}

/// [n flips, d] -> [n, d], the look at the face as it is.
template <class Ops>
Value<Ops> unflipped(Ops& ops, Value<Ops> x, const RegionFeaturesOptions& options) {
  return options.flip_tta ? ops.pick_view(ops.split_views(x, options.flips()), 0) : x;
}

}  // namespace regard

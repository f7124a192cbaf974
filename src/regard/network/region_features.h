#pragma once

#include "regard/network/backbone.h"
#include "regard/region/schemes.h"

namespace regard {

/// How a network with several views sees a face: the views, and the backbone that computes their features.
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
    visit("input_size", input_size, "input size of the backbone, in pixels, for every view");
    visit("regions", regions, "regions of the face");
    visit("cut_from", cut_from,
          "chip (every view is an image, as in the paper) or map (the feature map of the whole face)");
    visit("map_size", map_size, "side of the views cut from the map");
    visit("flip_tta", flip_tta, "flip test-time augmentation: mean of the logits of the face and its flip");
    visit("normalize", normalize, "input normalisation of the backbone");
  }

  /// Number of passes per face: 2 with flip test-time augmentation, else 1.
  int flips() const { return flip_tta ? 2 : 1; }
};

/// The places of all views in the chip, for both flips. Fixed regions are cut at the same places of the
/// flipped face, so that a view means the same region in both. Regions around landmarks, which move with the
/// face, and random regions, whose places have no meaning, are flipped themselves.
template <class Ops>
Value<Ops> affines_of_flips(Ops& ops, const RegionFeaturesOptions& options) {
  const auto& regions = options.regions;
  if (!options.flip_tta) return view_affines(ops, regions);
  if (!has_fixed_places(regions)) return ops.with_mirrored(view_affines(ops, regions));
  auto views = known_views(regions);
  for (const auto& view : known_views(regions)) views.push_back(compose(kMirroredFace, view));
  return constant_affines(ops, views);
}

/// Every view passes through the backbone as an image of its own (Wang et al., IEEE TIP 2020): k passes.
template <class Ops>
Value<Ops> features_of_chip(Ops& ops, Value<Ops> chip, const RegionFeaturesOptions& options) {
  const auto views = ops.views(chip, affines_of_flips(ops, options), options.input_size);
  return backbone(ops, options.backbone, ops.normalize(views, options.normalize));
}

/// The trunk of the backbone runs once on the face, the last stage on views cut from its feature map.
template <class Ops>
Value<Ops> features_of_map(Ops& ops, Value<Ops> chip, const RegionFeaturesOptions& options) {
  if (options.flip_tta && depends_on_face(options.regions))
    throw Error("regions around landmarks cannot be cut from the map of a flipped face", "cut_from", "chip");
  auto flips = constant_affines(ops, {kWholeFace});
  if (options.flip_tta) flips = ops.with_mirrored(flips);
  const auto faces = ops.normalize(ops.views(chip, flips, options.input_size), options.normalize);
  const auto map = backbone_trunk(ops, options.backbone, faces);
  const auto views = ops.regions(map, view_affines(ops, options.regions), options.map_size);
  return backbone_last_stage(ops, options.backbone, views);
}

/// The source of views: see RegionFeaturesOptions::cut_from.
template <class Ops>
struct CutFrom {
  const char* name;
  Value<Ops> (*features)(Ops& ops, Value<Ops> chip, const RegionFeaturesOptions& options);
};

template <class Ops>
inline constexpr std::array kCutFrom{CutFrom<Ops>{"chip", features_of_chip<Ops>},
                                     CutFrom<Ops>{"map", features_of_map<Ops>}};

/// chip: [n, 3, s, s] -> features [n flips, k, d]: the views of each flip of a face, the whole face first.
template <class Ops>
Value<Ops> region_features(Ops& ops, Value<Ops> chip, const RegionFeaturesOptions& options) {
  const auto seen = options.normalize.grey ? ops.luma(chip) : chip;
  const auto& source = find_row(kCutFrom<Ops>, options.cut_from, "place to cut views from");
  return ops.split_views(source.features(ops, seen, options), count_views(options.regions));
}

/// [n flips, d] -> [n, d], the mean over the flips of a face.
template <class Ops>
Value<Ops> mean_over_flips(Ops& ops, Value<Ops> x, const RegionFeaturesOptions& options) {
  return options.flip_tta ? ops.mean_of_views(ops.split_views(x, options.flips())) : x;
}

/// [n flips, d] -> [n, d], the unflipped face.
template <class Ops>
Value<Ops> unflipped(Ops& ops, Value<Ops> x, const RegionFeaturesOptions& options) {
  return options.flip_tta ? ops.pick_view(ops.split_views(x, options.flips()), 0) : x;
}

}  // namespace regard

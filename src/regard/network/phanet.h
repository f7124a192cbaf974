#pragma once

#include <numeric>
#include <string>
#include <vector>

#include "regard/network/backbone.h"
#include "regard/network/row.h"
#include "regard/region/views.h"

/// Pose-adaptive hierarchical attention (after Liu, Peng, Zeng and Shan, arXiv 1905.10059).
///
/// The abstract's: one network for expression and head pose; attention finds the regions in hierarchical
/// scales; the most informative scales are selected; the losses and their learned weights. The full text was
/// not to be had, so how each of it is done is ours: zooms that are proposed on a map of features and cut by
/// a differentiable sampler (Fu et al., CVPR 2017; Jaderberg et al., NIPS 2015), a softmax gate over scales.
namespace regard {

struct PhanetOptions {
  std::string backbone = "mobilenet_v1";
  int input_size = 160;
  int scales = 3;
  float zoom = 1;
  std::string pose = "angles";
  std::vector<float> yaws{-90, -45, 0, 45, 90};
  bool pose_adaptive = true;
  float smallest = .6f, largest = .9f;
  int parts = 16;
  bool learn_places = true;
  std::string gate = "softmax";
  int top = 0;
  std::vector<int> only;
  bool own_classifiers = false;
  float dropout = 0.3f;
  bool flip_tta = false;
  NormalizeOptions normalize;

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("backbone", backbone, "the convolutional network, one for all scales");
    visit("input_size", input_size, "pixels a side that every scale is brought to for the backbone");
    visit("scales", scales, "how many: the first sees all of the face, each further one a part of the last");
    visit("zoom", zoom, "side of what the first scale sees about the chip's centre, fraction of the chip");
    visit("pose", pose, "what is told of the head: angles (yaw, pitch, roll), classes (of yaw) or none");
    visit("yaws", yaws, "classes: the yaw that each stands for, degrees");
    visit("pose_adaptive", pose_adaptive, "whether proposals and gate are told the pose");
    visit("smallest", smallest, "shortest side of a scale's region, fraction of the scale before");
    visit("largest", largest, "longest side of a scale's region, fraction of the scale before");
    visit("parts", parts, "how many places in the map a proposal rests on");
    visit("learn_places", learn_places,
          "whether the sampler's gradients reach the proposals; without them a step is cheaper");
    visit("gate", gate, "how scales are weighed: softmax (learned) or uniform");
    visit("top", top, "only so many scales count, those that weigh most; 0: all");
    visit("only", only, "the scales that count, 0 the whole face; empty: all");
    visit("own_classifiers", own_classifiers,
          "in training each scale has a classifier of its own, rather than all the network's one");
    visit("dropout", dropout, "share of features left out in training, before the classifier");
    visit("flip_tta", flip_tta, "also look at the mirrored face and take the mean of both logits");
    visit("normalize", normalize, "what the backbone sees of the chip's values");
  }

  int flips() const { return flip_tta ? 2 : 1; }
};

/// Throws Error for the first option that is out of its range.
void check_options(const PhanetOptions& options);

/// The scales that count, in order.
std::vector<int> counted_scales(const PhanetOptions& options);

namespace phanet_parts {

/// All values that have rows for every look at a face: [n flips, ...].
template <class Ops>
struct Scales {
  Value<Ops> features;                ///< [n flips, scales, d]
  std::vector<Value<Ops>> pose;       ///< what other parts are told of it, [n flips, p]; none, or one
  std::vector<Value<Ops>> places;     ///< of each scale in the chip, [1 or n, flips, 2, 3]
  std::vector<Value<Ops>> maps;       ///< of each scale, [n flips, c, h, w]
  std::vector<Value<Ops>> proposals;  ///< of each scale but the first, [n flips, 3]: see squares_within
};

/// The first scale: [1, flips, 2, 3].
template <class Ops>
Value<Ops> first_place(Ops& ops, const PhanetOptions& options) {
  std::vector<Affine> places{compose(kWholeFace, about_centre(options.zoom))};
  if (options.flip_tta) places.push_back(compose(kMirroredFace, about_centre(options.zoom)));
  return constant_affines(ops, places);
}

/// Tells the head pose from the first scale's features [n flips, d]: output pose, in degrees [n, 3] or as
/// probabilities of the classes. What the other parts are told of it: angles in units of 45 degrees, or
/// these.
template <class Ops>
std::vector<Value<Ops>> predict_pose(Ops& ops, Value<Ops> feature, const PhanetOptions& options) {
  constexpr float kUnit = 45;
  if (options.pose == "none") return {};
  const bool angles = options.pose == "angles";
  const auto predicted = ops.linear("pose", feature, angles ? 3 : static_cast<int>(options.yaws.size()));
  const auto known = angles ? predicted : ops.softmax(predicted);
  const auto shown = angles ? ops.scale(predicted, kUnit) : known;
  ops.output("pose", options.flip_tta ? ops.pick_view(ops.split_views(shown, options.flips()), 0) : shown);
  if (!angles) ops.training_output("pose_logits", predicted);
  if (!options.pose_adaptive) return {};
  return {known};
}

/// Proposes where to look next from a scale's map: where `parts` things lie in it (`soft_argmax`, which
/// keeps places where a mean over the map would lose them), beside the pose. The last layer starts at zero,
/// so that training starts from the square in the middle, its side the mean of both bounds.
template <class Ops>
Value<Ops> propose(Ops& ops, const std::string& name, Value<Ops> map, const std::vector<Value<Ops>>& pose,
                   const PhanetOptions& options) {
  constexpr int kHidden = 64;
  constexpr float kStretch = 4;  // of places in 0 to 1, that a network's first layer tells them apart
  const auto parts = ops.conv2d(name + ".parts", map, {.out = options.parts, .kernel = 1, .bias = true});
  std::vector<Value<Ops>> known{ops.scale(ops.concat_views(ops.soft_argmax(parts)), kStretch)};
  known.insert(known.end(), pose.begin(), pose.end());
  const auto hidden = ops.relu(ops.linear(name + ".hidden", ops.concat(known), kHidden));
  return ops.linear(name + ".square", hidden, 3, /*bias=*/true, Initializer::zeros);
}

/// Every scale through the one backbone, each in the region that the scale before proposes.
template <class Ops>
Scales<Ops> zoom_in(Ops& ops, Value<Ops> chip, const PhanetOptions& options) {
  const auto seen = options.normalize.grey ? ops.luma(chip) : chip;
  Scales<Ops> scales;
  scales.places.push_back(first_place(ops, options));
  std::vector<Value<Ops>> features;
  for (int s = 0; s < options.scales; ++s) {
    const auto extract = [&] {
      const auto view = ops.views(seen, scales.places.back(), options.input_size);
      const auto map = backbone_trunk(ops, options.backbone, ops.normalize(view, options.normalize));
      return std::pair(map, backbone_last_stage(ops, options.backbone, map));
    };
    const auto [map, feature] = s == 0 ? extract() : ops.again(extract);
    if (s == 0) scales.pose = predict_pose(ops, feature, options);
    features.push_back(ops.split_views(feature, 1));
    scales.maps.push_back(map);
    if (s + 1 == options.scales) break;
    const auto proposal = propose(ops, "proposal_" + std::to_string(s + 1), map, scales.pose, options);
    const auto square = ops.squares_within(proposal, options.smallest, options.largest);
    const auto place = ops.compose(scales.places.back(), ops.split_views(square, options.flips()));
    scales.proposals.push_back(ops.split_views(proposal, 1));
    scales.places.push_back(options.learn_places ? place : ops.stop_gradient(place));
  }
  scales.features = ops.join_views(features);
  return scales;
}

/// Weights of the scales that count, [n flips, those], summing to 1. Each scale is scored beside all others
/// and the pose; the scores start at zero, all scales alike.
template <class Ops>
Value<Ops> weigh_scales(Ops& ops, const Scales<Ops>& scales, const PhanetOptions& options) {
  std::vector<Value<Ops>> known{ops.concat_views(scales.features)};
  known.insert(known.end(), scales.pose.begin(), scales.pose.end());
  auto scores = ops.linear("gate", ops.concat(known), options.scales, /*bias=*/true, Initializer::zeros);
  if (!options.only.empty()) scores = ops.keep_views(scores, options.only);
  const auto weights = ops.softmax(options.gate == "uniform" ? ops.scale(scores, 0) : scores);
  return options.top > 0 ? ops.normalized_weights(ops.keep_largest(weights, options.top)) : weights;
}

/// What only the losses want: scale_logits [n flips, scales, classes] and, of each scale but the first,
/// proposals [n flips, scales - 1, 3] and the maps map_S that they were made from.
template <class Ops>
void training_outputs(Ops& ops, const Scales<Ops>& scales, int classes, const PhanetOptions& options) {
  const auto features = ops.dropout(scales.features, options.dropout);
  const auto logits = [&] {
    if (!options.own_classifiers) return ops.again([&] { return ops.classifier("fc", features, classes); });
    std::vector<Value<Ops>> each;
    for (int s = 0; s < options.scales; ++s) {
      const auto own = ops.classifier("fc_" + std::to_string(s), ops.pick_view(features, s), classes);
      each.push_back(ops.split_views(own, 1));
    }
    return ops.join_views(each);
  };
  ops.training_output("scale_logits", logits());
  ops.training_output("proposals", ops.join_views(scales.proposals));
  for (int s = 0; s + 1 < options.scales; ++s)
    ops.training_output("map_" + std::to_string(s), scales.maps[static_cast<std::size_t>(s)]);
}

}  // namespace phanet_parts

/// chip: [n, 3, s, s] -> logits [n, classes]. Outputs: pose (see PhanetOptions); with two scales or more,
/// gate, the weights of the scales that count [n, k], and affines, their places in the chip [n, k, 2, 3]. Of
/// a face that is looked at twice, those of the first look.
template <class Ops>
Value<Ops> phanet(Ops& ops, Value<Ops> chip, int classes, const PhanetOptions& options) {
  using namespace phanet_parts;
  check_options(options);
  const auto mean_over_flips = [&](const Value<Ops>& x) {
    return options.flip_tta ? ops.mean_of_views(ops.split_views(x, options.flips())) : x;
  };
  const auto classify = [&](const Value<Ops>& x) {
    return mean_over_flips(ops.classifier("fc", ops.dropout(x, options.dropout), classes));
  };
  auto scales = zoom_in(ops, chip, options);
  if (options.scales == 1) return classify(ops.pick_view(scales.features, 0));

  const auto gate = weigh_scales(ops, scales, options);
  const auto counted = options.only.empty() ? scales.features : ops.keep_views(scales.features, options.only);
  const auto logits = classify(ops.weighted_mean(counted, gate));
  training_outputs(ops, scales, classes, options);

  ops.output("gate", options.flip_tta ? ops.pick_view(ops.split_views(gate, options.flips()), 0) : gate);
  scales.places[0] = constant_affines(ops, {about_centre(options.zoom)});
  for (std::size_t s = 1; s < scales.places.size(); ++s)
    if (options.flip_tta) scales.places[s] = ops.keep_views(scales.places[s], {0});
  const auto places = ops.join_views(scales.places);
  ops.output("affines", options.only.empty() ? places : ops.keep_views(places, options.only));
  return logits;
}

struct PhanetRow : NetworkRow<PhanetOptions> {
  static constexpr const char* kName = "phanet";
  static constexpr const char* kSeenKey = "";

  template <class Ops>
  static Value<Ops> logits(Ops& ops, const Value<Ops>& chip, int classes, const PhanetOptions& options) {
    return phanet(ops, chip, classes, options);
  }

  static std::vector<AttendedView> views(const PhanetOptions& options);
  static void keep_views(Json& options, const std::vector<int>& only);
  static bool predicts_pose(const PhanetOptions& options);
};

}  // namespace regard

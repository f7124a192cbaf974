#pragma once

#include <numeric>
#include <string>
#include <vector>

#include "regard/network/backbone.h"
#include "regard/network/row.h"
#include "regard/region/views.h"

/// Pose-adaptive hierarchical attention (after Liu, Peng, Zeng and Shan, arXiv 1905.10059).
///
/// From the abstract: one network for expression and head pose; attention finds the regions in hierarchical
/// scales; the most informative scales are selected; the losses and their learned weights. The full text was
/// not available, so the details are our own: zooms that are proposed from a feature map and cut by a
/// differentiable sampler (Fu et al., CVPR 2017; Jaderberg et al., NIPS 2015), a softmax gate over scales.
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
  std::string places = "proposed";
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
    visit("input_size", input_size, "input size of the backbone, in pixels, for every scale");
    visit("scales", scales,
          "number of scales: the first sees the whole face, each further one a part of the previous one");
    visit("zoom", zoom, "side of the first scale, centred, as a fraction of the chip");
    visit("pose", pose, "head pose output: angles (yaw, pitch, roll), classes (of yaw) or none");
    visit("yaws", yaws, "classes: the yaw of each class, degrees");
    visit("pose_adaptive", pose_adaptive, "whether proposals and gate use the pose");
    visit("smallest", smallest, "minimum side of a scale, as a fraction of the previous scale");
    visit("largest", largest, "maximum side of a scale, as a fraction of the previous scale");
    visit("parts", parts, "number of keypoints that a proposal is based on");
    visit(
        "places", places,
        "where the scales look: proposed, or fixed (each in the middle of the previous one, with the mean of "
        "smallest and largest as its side, where fresh proposals are)");
    visit("learn_places", learn_places,
          "whether gradients pass through the sampler to the proposals; a step is cheaper without");
    visit("gate", gate, "weights of the scales: softmax (learned) or uniform");
    visit("top", top, "keep only this many scales, those with the largest weights; 0: all");
    visit("only", only, "the scales in use, 0 being the whole face; empty: all");
    visit("own_classifiers", own_classifiers,
          "in training each scale has its own classifier instead of the shared one");
    visit("dropout", dropout, "dropout probability before the classifier");
    visit("flip_tta", flip_tta, "flip test-time augmentation: mean of the logits of the face and its flip");
    visit("normalize", normalize, "input normalisation of the backbone");
  }

  int flips() const { return flip_tta ? 2 : 1; }
};

/// Throws Error for the first option that is out of its range.
void check_options(const PhanetOptions& options);

/// The scales in use, in order.
std::vector<int> counted_scales(const PhanetOptions& options);

namespace phanet_parts {

/// Values with one row per flip of a face: [n flips, ...].
template <class Ops>
struct Scales {
  Value<Ops> features;                ///< [n flips, scales, d]
  std::vector<Value<Ops>> pose;       ///< the pose as the other parts see it, [n flips, p]; none, or one
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

/// Predicts the head pose from the features of the first scale [n flips, d]: output pose, in degrees [n, 3]
/// or as class probabilities. Returns it for the other parts: angles in units of 45 degrees, or the
/// probabilities.
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

/// Proposes the next scale from the map of this one: the positions of `parts` keypoints (by `soft_argmax`,
/// since pooling would discard positions) and the pose. The last layer is initialised with zeros, so that
/// training starts from the centred square whose side is the mean of both bounds.
template <class Ops>
Value<Ops> propose(Ops& ops, const std::string& name, Value<Ops> map, const std::vector<Value<Ops>>& pose,
                   const PhanetOptions& options) {
  constexpr int kHidden = 64;
  constexpr float kStretch = 4;  // scales positions in 0 to 1, so that they differ enough for the first layer
  const auto parts = ops.conv2d(name + ".parts", map, {.out = options.parts, .kernel = 1, .bias = true});
  std::vector<Value<Ops>> known{ops.scale(ops.concat_views(ops.soft_argmax(parts)), kStretch)};
  known.insert(known.end(), pose.begin(), pose.end());
  const auto hidden = ops.relu(ops.linear(name + ".hidden", ops.concat(known), kHidden));
  return ops.linear(name + ".square", hidden, 3, /*bias=*/true, Initializer::zeros);
}

/// All scales through the shared backbone, each in the region proposed by the previous scale.
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
    const auto square = ops.squares_within(options.places == "fixed" ? ops.scale(proposal, 0) : proposal,
                                           options.smallest, options.largest);
    const auto place = ops.compose(scales.places.back(), ops.split_views(square, options.flips()));
    scales.proposals.push_back(ops.split_views(proposal, 1));
    scales.places.push_back(options.learn_places ? place : ops.stop_gradient(place));
  }
  scales.features = ops.join_views(features);
  return scales;
}

/// Weights of the scales in use, [n flips, k], summing to 1. Scores are computed from all scales and the
/// pose; they are initialised with zero, which weights all scales equally.
template <class Ops>
Value<Ops> weigh_scales(Ops& ops, const Scales<Ops>& scales, const PhanetOptions& options) {
  std::vector<Value<Ops>> known{ops.concat_views(scales.features)};
  known.insert(known.end(), scales.pose.begin(), scales.pose.end());
  auto scores = ops.linear("gate", ops.concat(known), options.scales, /*bias=*/true, Initializer::zeros);
  if (!options.only.empty()) scores = ops.keep_views(scores, options.only);
  const auto weights = ops.softmax(options.gate == "uniform" ? ops.scale(scores, 0) : scores);
  return options.top > 0 ? ops.normalized_weights(ops.keep_largest(weights, options.top)) : weights;
}

/// Outputs for the losses only: scale_logits [n flips, scales, classes] and, of each scale but the first,
/// proposals [n flips, scales - 1, 3] and the maps map_S that they were computed from.
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
/// gate, the weights of the scales in use [n, k], and affines, their places in the chip [n, k, 2, 3]. With
/// flip test-time augmentation these are those of the unflipped face. Training output feature [n, d], the
/// gated mean of the scales, over flips.
template <class Ops>
Value<Ops> phanet(Ops& ops, Value<Ops> chip, int classes, const PhanetOptions& options) {
  using namespace phanet_parts;
  check_options(options);
  const auto mean_over_flips = [&](const Value<Ops>& x) {
    return options.flip_tta ? ops.mean_of_views(ops.split_views(x, options.flips())) : x;
  };
  const auto classify = [&](const Value<Ops>& feature) {
    ops.training_output("feature", mean_over_flips(feature));
    return mean_over_flips(ops.classifier("fc", ops.dropout(feature, options.dropout), classes));
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

#pragma once

#include "regard/network/backbone.h"
#include "regard/network/row.h"
#include "regard/region/views.h"

namespace regard {

/// The whole face through one backbone and a linear classifier: the network that every other is measured
/// against.
struct PlainOptions {
  std::string backbone = "mobilenet_v1";
  int input_size = 160;
  float dropout = 0.3f;
  bool flip_tta = false;
  std::vector<float> zooms{1};
  NormalizeOptions normalize;

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("backbone", backbone, "the convolutional network");
    visit("input_size", input_size, "input size of the backbone, in pixels");
    visit("dropout", dropout, "dropout probability before the classifier");
    visit("flip_tta", flip_tta, "flip test-time augmentation: mean of the logits of the face and its flip");
    visit("zooms", zooms, "sides of centred crops of the chip, whose logits are averaged");
    visit("normalize", normalize, "input normalisation of the backbone");
  }
};

/// chip: [n, 3, s, s] -> logits [n, classes]. Training output feature [n, d], the mean over zooms and flips.
template <class Ops>
Value<Ops> plain(Ops& ops, Value<Ops> chip, int classes, const PlainOptions& options) {
  if (options.zooms.empty()) throw Error("network has no view", "zooms", "1 or more numbers");
  std::vector<Affine> places;
  for (const float zoom : options.zooms) {
    places.push_back(compose(kWholeFace, about_centre(zoom)));
    if (options.flip_tta) places.push_back(compose(kMirroredFace, about_centre(zoom)));
  }
  const int count = static_cast<int>(places.size());

  const auto seen = options.normalize.grey ? ops.luma(chip) : chip;
  const auto views = ops.views(seen, constant_affines(ops, places), options.input_size);
  const auto features = backbone(ops, options.backbone, ops.normalize(views, options.normalize));
  const auto logits = ops.classifier("fc", ops.dropout(features, options.dropout), classes);
  const auto mean = [&](const Value<Ops>& x) {
    return count == 1 ? x : ops.mean_of_views(ops.split_views(x, count));
  };
  ops.training_output("feature", mean(features));
  return mean(logits);
}

struct PlainRow : NetworkRow<PlainOptions> {
  static constexpr const char* kName = "plain";
  static constexpr const char* kSeenKey = "";

  template <class Ops>
  static Value<Ops> logits(Ops& ops, const Value<Ops>& chip, int classes, const PlainOptions& options) {
    return plain(ops, chip, classes, options);
  }
};

}  // namespace regard

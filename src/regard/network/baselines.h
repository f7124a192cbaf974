#pragma once

#include "regard/network/region_features.h"

namespace regard {

/// The baselines that the paper compares RAN with (Wang et al., IEEE TIP 2020, Table III, Figure 8): the same
/// views and backbone, fused without attention.
struct RegionBaselineOptions {
  RegionFeaturesOptions views;
  std::string fusion = "mean_of_scores";
  float dropout = 0.3f;

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("views", views, "the views of a face");
    visit("fusion", fusion,
          "mean_of_scores, mean_of_features, concatenated_features, or samples (each view is a separate "
          "training image; at test time only the first view is used)");
    visit("dropout", dropout, "dropout probability before the classifier");
  }
};

/// chip: [n, 3, s, s] -> logits [n, classes]. If views are scored separately: training output view_logits [n,
/// k, classes].
template <class Ops>
Value<Ops> region_baseline(Ops& ops, Value<Ops> chip, int classes, const RegionBaselineOptions& options) {
  const auto features = region_features(ops, chip, options.views);
  const auto classify = [&](const Value<Ops>& x) {
    return ops.linear("fc", ops.dropout(x, options.dropout), classes);
  };
  const auto fused = [&]() -> Value<Ops> {
    if (options.fusion == "mean_of_features") return classify(ops.mean_of_views(features));
    if (options.fusion == "concatenated_features") return classify(ops.concat_views(features));
    const auto scores = classify(features);
    ops.training_output("view_logits", scores);
    if (options.fusion == "mean_of_scores") return ops.log(ops.mean_of_views(ops.softmax(scores)));
    if (options.fusion == "samples") return ops.pick_view(scores, 0);
    throw Error("unknown fusion", options.fusion,
                "mean_of_scores, mean_of_features, concatenated_features or samples");
  };
  return mean_over_flips(ops, fused(), options.views);
}

}  // namespace regard

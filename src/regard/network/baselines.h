#pragma once

#include "regard/core/table.h"
#include "regard/network/region_features.h"
#include "regard/network/row.h"

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

namespace fusions {

/// The classifier, for features [..., d].
template <class Ops>
Value<Ops> classify(Ops& ops, const Value<Ops>& x, int classes, const RegionBaselineOptions& options) {
  return ops.classifier("fc", ops.dropout(x, options.dropout), classes);
}

/// The logits of every view [n flips, k, classes], for losses.
template <class Ops>
Value<Ops> scores(Ops& ops, const Value<Ops>& features, int classes, const RegionBaselineOptions& options) {
  const auto scores = classify(ops, features, classes, options);
  ops.training_output("view_logits", scores);
  return scores;
}

/// The logits of one feature for all views [n flips, ...].
template <class Ops>
Value<Ops> fused(Ops& ops, const Value<Ops>& feature, int classes, const RegionBaselineOptions& options) {
  ops.training_output("feature", mean_over_flips(ops, feature, options.views));
  return classify(ops, feature, classes, options);
}

/// A fusion of the views' features [n flips, k, d] into logits [n flips, classes].
template <class Ops>
struct Fusion {
  const char* name;
  Value<Ops> (*logits)(Ops& ops, const Value<Ops>& features, int classes,
                       const RegionBaselineOptions& options);
};

template <class Ops>
inline constexpr std::array kTable{
    Fusion<Ops>{"mean_of_scores",
                [](Ops& ops, const Value<Ops>& x, int classes, const RegionBaselineOptions& options) {
                  return ops.log(ops.mean_of_views(ops.softmax(scores(ops, x, classes, options))));
                }},
    Fusion<Ops>{"mean_of_features",
                [](Ops& ops, const Value<Ops>& x, int classes, const RegionBaselineOptions& options) {
                  return fused(ops, ops.mean_of_views(x), classes, options);
                }},
    Fusion<Ops>{"concatenated_features",
                [](Ops& ops, const Value<Ops>& x, int classes, const RegionBaselineOptions& options) {
                  return fused(ops, ops.concat_views(x), classes, options);
                }},
    Fusion<Ops>{"samples",
                [](Ops& ops, const Value<Ops>& x, int classes, const RegionBaselineOptions& options) {
                  return ops.pick_view(scores(ops, x, classes, options), 0);
                }}};

}  // namespace fusions

/// chip: [n, 3, s, s] -> logits [n, classes]. If views are scored separately: training output view_logits [n,
/// k, classes]; if the views have one feature together: feature [n, ...], the mean over flips.
template <class Ops>
Value<Ops> region_baseline(Ops& ops, Value<Ops> chip, int classes, const RegionBaselineOptions& options) {
  const auto features = region_features(ops, chip, options.views);
  const auto& fusion = find_row(fusions::kTable<Ops>, options.fusion, "fusion");
  return mean_over_flips(ops, fusion.logits(ops, features, classes, options), options.views);
}

struct RegionBaselineRow : NetworkRow<RegionBaselineOptions> {
  static constexpr const char* kName = "region_baseline";

  template <class Ops>
  static Value<Ops> logits(Ops& ops, const Value<Ops>& chip, int classes,
                           const RegionBaselineOptions& options) {
    return region_baseline(ops, chip, classes, options);
  }
};

}  // namespace regard

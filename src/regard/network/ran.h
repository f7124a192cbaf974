#pragma once

#include "regard/network/region_attention.h"
#include "regard/network/region_features.h"
#include "regard/network/row.h"

namespace regard {

/// Region Attention Network (Wang et al., IEEE TIP 2020).
struct RanOptions {
  RegionFeaturesOptions views;
  RegionAttentionOptions attention;
  float dropout = 0.3f;
  bool view_classifier = false;

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("views", views, "the views of a face");
    visit("attention", attention, "attention over the views");
    visit("dropout", dropout, "dropout probability before the classifier");
    visit("view_classifier", view_classifier,
          "also classify every view in training, for losses that need to know which views are correct");
  }
};

/// chip: [n, 3, s, s] -> logits [n, classes]. Outputs self_attention (mu), relation_attention (nu) where
/// there are both, and view_weights (mu nu, summing to 1), all [n, k], the whole face first; with flip
/// test-time augmentation, those of the unflipped face. Training output feature, the representation P of eq.
/// 5 [n, 2 d] (F_m [n, d] without relation-attention), the mean over flips.
template <class Ops>
Value<Ops> ran(Ops& ops, Value<Ops> chip, int classes, const RanOptions& options) {
  // Each flip is a row of its own: the next row would be the same face's.
  if (options.attention.shuffled && options.views.flip_tta)
    throw Error("attention of another face cannot be combined with flip test-time augmentation",
                "attention.shuffled", "flip_tta = false");
  const auto features = region_features(ops, chip, options.views);
  const auto attended = region_attention(ops, features, options.attention);
  const auto logits = ops.classifier("fc", ops.dropout(attended.feature, options.dropout), classes);

  ops.training_output("feature", mean_over_flips(ops, attended.feature, options.views));
  ops.output("self_attention", unflipped(ops, attended.self_attention, options.views));
  if (options.attention.self_attention && options.attention.relation_attention)
    ops.output("relation_attention", unflipped(ops, attended.relation_attention, options.views));
  ops.output("view_weights", unflipped(ops, ops.normalized_weights(attended.weights), options.views));
  if (options.view_classifier)
    ops.training_output("view_logits",
                        ops.classifier("view_fc", ops.dropout(features, options.dropout), classes));
  return mean_over_flips(ops, logits, options.views);
}

struct RanRow : NetworkRow<RanOptions> {
  static constexpr const char* kName = "ran";

  template <class Ops>
  static Value<Ops> logits(Ops& ops, const Value<Ops>& chip, int classes, const RanOptions& options) {
    return ran(ops, chip, classes, options);
  }

  static std::vector<AttendedView> views(const RanOptions& options) {
    const auto& only = options.views.regions.only;
    std::vector<AttendedView> views;
    for (auto& name : view_names(options.views.regions)) {
      const auto place = static_cast<int>(views.size());
      views.push_back({only.empty() ? place : only[views.size()], std::move(name)});
    }
    return views;
  }
  static std::optional<RegionOptions> regions(const RanOptions& options) { return options.views.regions; }
  static void keep_views(Json& options, const std::vector<int>& only) {
    options["views"]["regions"]["only"] = only;
  }
};

}  // namespace regard

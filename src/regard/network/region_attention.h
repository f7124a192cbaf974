#pragma once

#include <array>
#include <string>

#include "regard/core/options.h"
#include "regard/core/table.h"
#include "regard/ops/spec.h"

namespace regard {

/// Which attentions are used, and how the score of a view becomes its weight. The defaults are the paper's;
/// the authors' code has weights = "sigmoid_softmax" and bias = true.
struct RegionAttentionOptions {
  bool self_attention = true;
  bool relation_attention = true;
  std::string weights = "sigmoid";
  float temperature = 1;
  bool bias = false;
  float drop_views = 0;
  bool shuffled = false;

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("self_attention", self_attention, "weight each view by itself");
    visit("relation_attention", relation_attention, "weight each view together with the global feature");
    visit("weights", weights, "weights from scores: sigmoid, sigmoid_softmax, softmax or uniform");
    visit("temperature", temperature, "scores are divided by it first");
    visit("bias", bias, "whether scores have a bias");
    visit("drop_views", drop_views, "probability of dropping a view in training");
    visit("shuffled", shuffled,
          "use the view weights of the next face in the batch, to measure what attention contributes");
  }
};

template <class Ops>
struct Attended {
  Value<Ops> feature;             ///< [n, 2 d] with relation-attention, else [n, d]
  Value<Ops> self_attention;      ///< mu [n, k], or nu if there is no mu
  Value<Ops> relation_attention;  ///< nu [n, k], or mu if there is no nu
  Value<Ops>
      weights;  ///< weights for pooling the features of the views, [n, k]: mu nu, or the one that exists
};

/// How views' scores [n, k] become weights.
template <class Ops>
struct WeightsForm {
  const char* name;
  Value<Ops> (*of)(Ops& ops, const Value<Ops>& scores);
};

template <class Ops>
inline constexpr std::array kWeightsForms{
    WeightsForm<Ops>{"sigmoid", [](Ops& ops, const Value<Ops>& x) { return ops.sigmoid(x); }},
    WeightsForm<Ops>{"sigmoid_softmax",
                     [](Ops& ops, const Value<Ops>& x) { return ops.softmax(ops.sigmoid(x)); }},
    WeightsForm<Ops>{"softmax", [](Ops& ops, const Value<Ops>& x) { return ops.softmax(x); }},
    WeightsForm<Ops>{"uniform", [](Ops& ops, const Value<Ops>& x) { return ops.softmax(ops.scale(x, 0)); }}};

/// Weights of views from their scores [n, k], see RegionAttentionOptions::weights.
template <class Ops>
Value<Ops> attention_weights(Ops& ops, Value<Ops> scores, const RegionAttentionOptions& options) {
  const auto& form = find_row(kWeightsForms<Ops>, options.weights, "weights of views");
  return form.of(ops, ops.scale(scores, 1 / options.temperature));
}

/// Region attention (Wang et al., IEEE TIP 2020, eqs. 2-5). features: [n, k, d], the whole face among them.
///
///     mu_i = sigmoid(q0 . F_i)              self-attention, eq. 2
///     F_m  = sum(mu_i F_i) / sum(mu_i)      the global feature, eq. 3
///     nu_i = sigmoid(q1 . [F_i : F_m])      relation-attention, eq. 4
///     P    = sum(mu_i nu_i [F_i : F_m]) / sum(mu_i nu_i)     eq. 5
///
/// Self-attention alone gives F_m. Relation-attention alone, which is not in the paper, uses the plain mean
/// as F_m and mu = 1.
template <class Ops>
Attended<Ops> region_attention(Ops& ops, Value<Ops> features, const RegionAttentionOptions& options) {
  if (!options.self_attention && !options.relation_attention)
    throw Error("region attention has neither attention", "network options", "self, relation or both");
  const auto weigh = [&](const std::string& name, const Value<Ops>& x) {
    const auto scores = ops.squeeze(ops.linear(name, x, 1, options.bias));
    const auto weights = attention_weights(ops, scores, options);
    return options.shuffled ? ops.roll_over_batch(weights) : weights;
  };
  Attended<Ops> result;
  if (options.self_attention) {
    result.self_attention = result.relation_attention = weigh("self_attention", features);  // eq. 2
    result.weights = ops.drop_views(result.self_attention, options.drop_views);
    result.feature = ops.weighted_mean(features, result.weights);  // eq. 3
  } else {
    result.feature = ops.mean_of_views(features);
  }
  if (!options.relation_attention) return result;
  const auto related = ops.append_to_views(features, result.feature);
  result.relation_attention = weigh("relation_attention", related);  // eq. 4
  if (options.self_attention) {
    result.weights = ops.multiply(result.weights, result.relation_attention);
  } else {
    result.self_attention = result.relation_attention;
    result.weights = ops.drop_views(result.relation_attention, options.drop_views);
  }
  result.feature = ops.weighted_mean(related, result.weights);  // eq. 5
  return result;
}

}  // namespace regard

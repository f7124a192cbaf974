#pragma once

#include <array>
#include <string>

namespace regard {

/// The values of LossOptions::balance; train/loss/balance.h defines them.
inline constexpr std::array kBalances{"none", "class_weights", "logit_adjusted"};

/// A value of LossOptions::biased: the weights of views that the region-biased loss applies to.
struct BiasedWeights {
  const char* name;
  const char* output;  ///< of the network
};

/// mu (the paper's choice), nu (which the paper says brings no gain), and their product, summing to 1.
inline constexpr std::array kBiasedWeights{BiasedWeights{"self", "self_attention"},
                                           BiasedWeights{"relation", "relation_attention"},
                                           BiasedWeights{"view", "view_weights"}};

/// The training loss: the cross-entropy with the targets, and additional terms.
struct LossOptions {
  std::string scored = "face";
  std::string balance = "none";
  float tau = 1;
  float region_bias = 0;
  float margin = .02f;
  std::string biased = "self";
  float view_likelihood = 0;
  float scales = 0;
  float ranking = 0;
  float ranking_margin = .05f;
  float pose = 0;
  bool learned_weights = false;
  float guide = 0;
  std::string guide_to = "response";
  float guide_until = .3f;
  float saturation = 0;

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("scored", scored,
          "face, or views: classify every view separately, as if it were an image of its own");
    visit("balance", balance,
          "balancing of classes: none, class_weights (the inverse of each class frequency) or logit_adjusted "
          "(Menon et al., ICLR 2021)");
    visit("tau", tau, "logit_adjusted: strength of the adjustment");
    visit("region_bias", region_bias, "weight of the region-biased loss (the paper's 1); 0: none");
    visit("margin", margin, "margin by which the best region should outweigh the whole face");
    visit("biased", biased, "weights that the region-biased loss applies to: self, relation or view");
    visit("view_likelihood", view_likelihood,
          "weight of the loss that moves attention to the views that are correct; 0: none");
    visit("scales", scales, "phanet: weight of the cross-entropy of every scale's own prediction; 0: none");
    visit("ranking", ranking,
          "phanet: weight of the loss that makes each scale more confident than the previous one; 0: none");
    visit("ranking_margin", ranking_margin, "margin of the ranking loss, in probability");
    visit("pose", pose, "phanet: weight of the head pose loss, on faces with known pose; 0: none");
    visit("learned_weights", learned_weights,
          "weight expression, attention (scales and ranking) and pose by learned uncertainty, starting from "
          "these weights");
    visit("guide", guide, "phanet: initial weight of the loss that guides proposals to a target; 0: none");
    visit("guide_to", guide_to, "target: response (the maximum of the map) or landmarks (their mean)");
    visit("guide_until", guide_until, "fraction of the steps after which that weight is 0");
    visit("saturation", saturation,
          "phanet: weight of the loss that keeps proposals away from their bounds; 0: none");
  }
};

}  // namespace regard

#pragma once

#include <string>

namespace regard {

/// What training makes small: the cross-entropy with the targets, and what is added to it.
struct LossOptions {
  std::string scored = "face";
  float region_bias = 0;
  float margin = .02f;
  std::string biased = "self";
  float view_likelihood = 0;

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("scored", scored, "face, or views: every view's own answer, as if it were a picture of its own");
    visit("region_bias", region_bias, "weight of the region-biased loss (the paper's 1); 0: none");
    visit("margin", margin, "by which the best region shall outweigh the whole face");
    visit("biased", biased, "the weights that the region-biased loss is put on: self or view");
    visit("view_likelihood", view_likelihood,
          "weight of the loss that moves attention to the views that are right; 0: none");
  }
};

}  // namespace regard

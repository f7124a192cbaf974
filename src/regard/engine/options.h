#pragma once

#include <string>

namespace regard {

struct EngineOptions {
  std::string precision = "f32";
  int threads = 0;
  /// Class frequencies that probabilities assume: "natural", those of the training data, or "balanced", all
  /// equal.
  std::string prior = "natural";
  int streams = 1;        ///< number of concurrent calls, each with `threads` threads; others wait
  bool features = false;  ///< also return the features that networks classify: see Predictions::features

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("precision", precision,
          "precision of convolutions: f32, bf16, int8 (for a model that `regard quantize` made, such as the "
          "shipped ones) or auto (the fastest of them that the CPU has instructions for)");
    visit("prior", prior,
          "class frequencies that probabilities assume: natural (those of the training data) or balanced "
          "(all equal, which finds more of the rare expressions and less of the frequent ones)");
    visit("threads", threads, "number of threads; 0: one per core");
  }
};

}  // namespace regard

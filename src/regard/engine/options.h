#pragma once

#include <string>

namespace regard {

struct EngineOptions {
  std::string precision = "f32";
  int threads = 0;
  int streams = 1;  ///< calls that run at the same time, each with `threads` threads; more wait

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("precision", precision, "what convolutions compute in: f32 or bf16");
    visit("threads", threads, "threads of computation; 0: as many as there are cores");
  }
};

}  // namespace regard

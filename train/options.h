#pragma once

#include <cstdint>
#include <string>

namespace regard {

/// Options for running a recipe that do not affect the weights. Does not depend on torch.
struct TrainOptions {
  std::string device = "cpu";
  double checkpoint_seconds = 60;
  std::int64_t stop_after = 0;

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("device", device, "cpu, cuda or cuda:N");
    visit("checkpoint_seconds", checkpoint_seconds, "maximum time between two checkpoints");
    visit("stop_after", stop_after, "stop with a checkpoint after this many steps; 0: at the end");
  }
};

}  // namespace regard

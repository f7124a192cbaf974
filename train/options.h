#pragma once

#include <cstdint>
#include <string>

namespace regard {

/// How a recipe is run: what decides nothing about the weights that come out. Without torch, for the program.
struct TrainOptions {
  std::string device = "cpu";
  double checkpoint_seconds = 60;
  std::int64_t stop_after = 0;

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("device", device, "cpu, cuda or cuda:N");
    visit("checkpoint_seconds", checkpoint_seconds, "longest time between two checkpoints");
    visit("stop_after", stop_after, "stop with a checkpoint after so many steps of this call; 0: at the end");
  }
};

}  // namespace regard

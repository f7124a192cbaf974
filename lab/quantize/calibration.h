#pragma once

#include <functional>
#include <span>

#include "lab/data/packed.h"
#include "regard/model/model.h"

namespace regard {

struct CalibrationOptions {
  int images = 400;
  int threads = 0;

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("images", images, "number of images of the split that ranges are measured on");
    visit("threads", threads, "number of threads; 0: one per core");
  }
};

/// What a model needs to run in 8-bit integers, measured on images of a split: the ranges of its
/// convolutions' inputs, those that lose least in mean squares, and what corrects the mean error of their
/// rounded weights. `on_part` hears how many images are done. Throws Error if the model is untrained or has
/// no convolution, if the set's chips have another size, and if it has no image of that split.
Quantization calibrate(const Model& model, const PackedDataset& set, const std::string& split,
                       const CalibrationOptions& options,
                       const std::function<void(std::size_t done)>& on_part = {});

}  // namespace regard

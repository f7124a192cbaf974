#include "lab/timing/overhead.h"

#include <algorithm>

#include "lab/timing/timing.h"
#include "regard/core/range_check.h"
#include "regard/engine/openvino.h"

namespace regard {

Overhead measure_overhead(const Model& model, const EngineOptions& options, int batch, int runs) {
  check_range(runs >= 1, "runs", "1 or more", runs);
  check_range(batch >= 1, "batch", "1 or more", batch);
  const auto images = random_chips(batch, model.network.chip_size);
  const std::vector<ImageView> chips(images.begin(), images.end());
  const Engine engine(model, options);
  auto compiled = compile(model, options, batch);
  auto bare = compiled.model.create_infer_request();
  auto* input = bare.get_tensor("chip").data<float>();
  for (const auto& image : images) input = std::ranges::copy(image.pixels, input).out;
  if (has_landmarks(bare.get_compiled_model())) {
    auto* place = bare.get_tensor("landmarks").data<float>();
    for (int i = 0; i < batch; ++i) place = std::ranges::copy(model.landmarks, place).out;
  }

  std::vector<double> with, without;
  for (int run = 0; run < runs; ++run) {
    with.push_back(milliseconds([&] { engine.predict(chips); }));
    without.push_back(milliseconds([&] { bare.infer(); }));
  }
  return {median(with), median(without)};
}

}  // namespace regard

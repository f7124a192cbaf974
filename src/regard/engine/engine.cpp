#include "regard/engine/engine.h"

#include <algorithm>

#include "regard/core/pool.h"
#include "regard/engine/openvino.h"

namespace regard {

namespace {

/// Chips that go through the network at once: more gain no speed and take memory.
constexpr std::size_t kBatch = 8;

void check_chip(const ImageView& chip, int size) {
  const auto sides = [](int width, int height) {
    return std::to_string(width) + " x " + std::to_string(height);
  };
  if (chip.empty() || chip.width != size || chip.height != size)
    throw Error("chip has the wrong size", "chips", sides(size, size), sides(chip.width, chip.height));
  check_view(chip, "chips");
}

/// Interleaved bytes -> three planes of floats; grey goes into all three.
void write_planes(const ImageView& chip, float* planes) {
  const std::size_t area = static_cast<std::size_t>(chip.width) * chip.height;
  for (int y = 0; y < chip.height; ++y) {
    const std::uint8_t* pixel = chip.row(y);
    float* row = planes + static_cast<std::size_t>(y) * chip.width;
    const int green = chip.channels == 3 ? 1 : 0, blue = 2 * green;
    for (int x = 0; x < chip.width; ++x, pixel += chip.channels) {
      row[x] = pixel[0];
      row[x + area] = pixel[green];
      row[x + 2 * area] = pixel[blue];
    }
  }
}

}  // namespace

struct Engine::Impl {
  Impl(const Model& model, const EngineOptions& options)
      : size(model.network.chip_size), classes(model.network.classes), compiled(compile(model, options)) {}

  int size;
  std::size_t classes;
  ov::CompiledModel compiled;
  Pool<ov::InferRequest> requests;

  void run(ov::InferRequest& request, std::span<const ImageView> chips, float* logits, float* probabilities) {
    const auto side = static_cast<std::size_t>(size);
    auto input = request.get_input_tensor();
    input.set_shape({chips.size(), 3, side, side});
    auto* planes = input.data<float>();
    for (std::size_t i = 0; i < chips.size(); ++i) write_planes(chips[i], planes + i * 3 * side * side);
    request.infer();
    const auto count = chips.size() * classes;
    std::copy_n(request.get_tensor("logits").data<const float>(), count, logits);
    std::copy_n(request.get_tensor("probabilities").data<const float>(), count, probabilities);
  }
};

Engine::Engine(const Model& model, const EngineOptions& options)
    : impl_(std::make_unique<Impl>(model, options)) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

Predictions Engine::predict(std::span<const ImageView> chips) const {
  for (const auto& chip : chips) check_chip(chip, impl_->size);
  const auto values = chips.size() * impl_->classes;
  Predictions result{impl_->classes, std::vector<float>(values), std::vector<float>(values)};
  try {
    auto request = impl_->requests.take([this] { return impl_->compiled.create_infer_request(); });
    for (std::size_t i = 0; i < chips.size(); i += kBatch) {
      const auto part = chips.subspan(i, std::min(kBatch, chips.size() - i));
      const auto row = i * impl_->classes;
      impl_->run(request, part, &result.logits[row], &result.probabilities[row]);
    }
    impl_->requests.put_back(std::move(request));
  } catch (const ov::Exception& e) {
    throw Error("network cannot be run by OpenVINO", {}, {}, e.what());
  }
  return result;
}

}  // namespace regard

#include "regard/engine/appearance.h"

#include <algorithm>
#include <cmath>

#include "regard/core/pool.h"
#include "regard/engine/chip_planes.h"
#include "regard/engine/graph.h"
#include "regard/engine/openvino.h"
#include "regard/network/plain.h"
#include "regard/region/views.h"

namespace regard {
namespace {

constexpr const char* kLayer = "conv_pw_5";
constexpr std::size_t kBlock = 4;  // of mobilenet::kBlocks, from 0
constexpr int kChannels = mobilenet::kBlocks[kBlock].out;

/// What an appearance needs to know of a network: the options that define its input.
PlainOptions input_of(const Model& model) {
  PlainOptions options;
  const Json seen = seen_options(model.network);
  for (const char* key : {"backbone", "input_size", "normalize"})
    if (seen.contains(key)) from_json(Json{{key, seen.at(key)}}, options, model.name);
  if (options.backbone != "mobilenet_v1" || !model.weights.contains(std::string(kLayer) + ".weight"))
    throw Error("network gives no appearance", model.name, "one built on mobilenet_v1", options.backbone);
  return options;
}

/// chip: [n, 3, s, s] -> appearance [n, 256], not yet centred.
template <class Ops>
Value<Ops> appearance(Ops& ops, Value<Ops> chip, const PlainOptions& options) {
  using namespace mobilenet;
  const auto seen = options.normalize.grey ? ops.luma(chip) : chip;
  const auto view = ops.views(seen, constant_affines(ops, {kWholeFace}), options.input_size);
  auto x = layer(ops, "conv1", ops.normalize(view, options.normalize), {.out = 32, .kernel = 3, .stride = 2});
  x = blocks(ops, x, 0, kBlock);
  x = layer(ops, "conv_dw_5", x, {.out = kBlocks[kBlock].in, .kernel = 3, .groups = kBlocks[kBlock].in});
  return ops.global_average_pool(ops.conv2d(kLayer, x, {.out = kChannels, .kernel = 1}));
}

std::string graph_of(const Model& model) {
  GraphOps ops(model.weights);
  ops.output("appearance", appearance(ops, ops.chip(model.network.chip_size), input_of(model)));
  return ops.serialize();
}

void scale_to_length_one(std::vector<float>& vector) {
  double sum = 0;
  for (const float x : vector) sum += static_cast<double>(x) * x;
  const auto length = static_cast<float>(std::sqrt(std::max(sum, 1e-12)));
  for (float& x : vector) x /= length;
}

}  // namespace

struct Appearance::Impl {
  ChipOptions chip;
  std::vector<float> mean;
  ov::CompiledModel compiled;
  Pool<ov::InferRequest> requests;

  Impl(const Model& model, const EngineOptions& options)
      : chip(model.chip()),
        compiled(compile_graph(graph_of(model), options)),
        requests(static_cast<std::size_t>(std::max(1, options.streams))) {
    mean = model.weights.at(std::string(kLayer) + "_bn.running_mean").values;
  }

  void run(ov::InferRequest& request, std::span<const ImageView> chips,
           std::vector<std::vector<float>>& result) const {
    auto input = request.get_tensor("chip");
    const auto side = static_cast<std::size_t>(chip.size);
    input.set_shape({chips.size(), 3, side, side});
    write_planes(chips, input.data<float>());
    request.infer();
    const float* value = request.get_tensor("appearance").data<const float>();
    for (std::size_t i = 0; i < chips.size(); ++i) {
      auto& vector = result.emplace_back(mean.size());
      for (std::size_t c = 0; c < mean.size(); ++c) vector[c] = *value++ - mean[c];
      scale_to_length_one(vector);
    }
  }
};

Appearance::Appearance(const Model& model, const EngineOptions& options) try
    : impl_(std::make_unique<Impl>(model, options)) {
} catch (const ov::Exception& error) {
  throw Error("appearance cannot be compiled by OpenVINO", model.name, {}, error.what());
}
Appearance::~Appearance() = default;
Appearance::Appearance(Appearance&&) noexcept = default;
Appearance& Appearance::operator=(Appearance&&) noexcept = default;

std::vector<std::vector<float>> Appearance::describe(std::span<const ImageView> chips) const {
  for (const auto& chip : chips) check_chip(chip, impl_->chip.size);
  std::vector<std::vector<float>> result;
  try {
    auto request = impl_->requests.take([this] { return impl_->compiled.create_infer_request(); });
    for (std::size_t i = 0; i < chips.size(); i += kLargestBatch)
      impl_->run(*request, chips.subspan(i, std::min(kLargestBatch, chips.size() - i)), result);
  } catch (const ov::Exception& error) {
    throw Error("appearance cannot be run by OpenVINO", {}, {}, error.what());
  }
  return result;
}

const ChipOptions& Appearance::chip() const {
  return impl_->chip;
}

}  // namespace regard

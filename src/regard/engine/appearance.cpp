#include "regard/engine/appearance.h"

#include <algorithm>
#include <cmath>

#include "regard/core/pool.h"
#include "regard/engine/chip_planes.h"
#include "regard/engine/graph.h"
#include "regard/engine/openvino.h"
#include "regard/model/tensor_file.h"
#include "regard/network/plain.h"
#include "regard/openvino/batches.h"
#include "regard/region/views.h"

namespace regard {
namespace {

constexpr const char* kLayer = "conv_pw_7";
constexpr std::size_t kBlock = 6;  // of mobilenet::kBlocks, from 0
// What chips are enlarged to, whatever the network does: the projection was made at this size.
constexpr int kInputSize = 160;

/// What an appearance needs to know of a network: the options that define its input.
PlainOptions input_of(const Model& model) {
  PlainOptions options;
  const Json seen = seen_options(model.network);
  for (const char* key : {"backbone", "normalize"})
    if (seen.contains(key)) from_json(Json{{key, seen.at(key)}}, options, model.name);
  if (options.backbone != "mobilenet_v1" || !model.weights.contains(std::string(kLayer) + ".weight"))
    throw Error("network gives no appearance", model.name, "one built on mobilenet_v1", options.backbone);
  return options;
}

/// chip: [n, 3, s, s] -> means of the layer's map, before its batch norm [n, c].
template <class Ops>
Value<Ops> layer_means(Ops& ops, Value<Ops> chip, const PlainOptions& options) {
  using namespace mobilenet;
  const auto [in, out, stride] = kBlocks[kBlock];
  const auto seen = options.normalize.grey ? ops.luma(chip) : chip;
  const auto view = ops.views(seen, constant_affines(ops, {kWholeFace}), kInputSize);
  auto x = layer(ops, "conv1", ops.normalize(view, options.normalize), {.out = 32, .kernel = 3, .stride = 2});
  x = blocks(ops, x, 0, kBlock);
  x = layer(ops, "conv_dw_7", x, {.out = in, .kernel = 3, .stride = stride, .groups = in});
  return ops.global_average_pool(ops.conv2d(kLayer, x, {.out = out, .kernel = 1}));
}

std::string graph_of(const Model& model) {
  GraphOps ops(model.weights);
  ops.output("means", layer_means(ops, ops.chip(model.network.chip_size), input_of(model)));
  return ops.serialize();
}

/// From the means of the layer to the appearance.
struct Projection {
  std::vector<float> mean, rows;  ///< [c], [directions, c]

  std::vector<float> operator()(const float* means) const {
    std::vector<float> result(rows.size() / mean.size());
    auto weight = rows.begin();
    for (float& sum : result)
      for (std::size_t c = 0; c < mean.size(); ++c) sum += *weight++ * (means[c] - mean[c]);
    return result;
  }
};

Projection read_projection(const std::filesystem::path& path, const Model& model) {
  const auto file = TensorFile::open(path);
  const auto layer = file.at("layer").to_floats();
  const auto own = model.weights.find(std::string(kLayer) + "_bn.running_mean");
  if (own == model.weights.end() || own->second.values != layer)
    throw Error("network gives no appearance", model.name, "the first layers of a shipped model",
                "others than " + path.string() + " was made for");
  Projection projection{file.at("mean").to_floats(), file.at("projection").to_floats()};
  if (projection.mean.size() != layer.size() || projection.rows.size() % layer.size() != 0)
    throw Error("projection has the wrong shape", path.string(), std::to_string(layer.size()) + " columns");
  return projection;
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
  Projection projection;
  CompiledNetwork compiled;
  Pool<ov::InferRequest> requests;

  Impl(const Model& model, const std::filesystem::path& file, const EngineOptions& options)
      : chip(model.chip()),
        projection(read_projection(file, model)),
        compiled(compile_graph({identity_of("appearance", model), [&] { return graph_of(model); }}, options)),
        requests(static_cast<std::size_t>(std::max(1, options.streams))) {}

  void run(ov::InferRequest& request, std::span<const ImageView> chips,
           std::vector<std::vector<float>>& result) const {
    auto input = request.get_tensor("chip");
    const auto side = static_cast<std::size_t>(chip.size);
    input.set_shape({chips.size(), 3, side, side});
    write_planes(chips, input.data<float>());
    request.infer();
    const auto means = request.get_tensor("means");
    for (std::size_t i = 0; i < chips.size(); ++i) {
      result.push_back(projection(means.data<const float>() + i * projection.mean.size()));
      scale_to_length_one(result.back());
    }
  }
};

Appearance::Appearance(const Model& model, const std::filesystem::path& projection,
                       const EngineOptions& options) try
    : impl_(std::make_unique<Impl>(model, projection, options)) {
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
    auto request = impl_->requests.take([this] { return impl_->compiled.model.create_infer_request(); });
    in_batches(chips.size(), [&](std::size_t first, std::size_t size) {
      impl_->run(*request, chips.subspan(first, size), result);
    });
  } catch (const ov::Exception& error) {
    throw Error("appearance cannot be run by OpenVINO", {}, {}, error.what());
  }
  return result;
}

const ChipOptions& Appearance::chip() const {
  return impl_->chip;
}

}  // namespace regard

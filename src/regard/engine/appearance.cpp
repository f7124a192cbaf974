#include "regard/engine/appearance.h"

#include <algorithm>
#include <cmath>

#include "regard/core/options.h"
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
constexpr int kChipSize = 48, kInputSize = 160;
constexpr std::int64_t kChannels = mobilenet::kBlocks[kBlock].out;

/// chip: [n, 3, size, size] -> means of the layer's map, before its batch norm [n, c].
template <class Ops>
Value<Ops> layer_means(Ops& ops, int size, const NormalizeOptions& normalize) {
  using namespace mobilenet;
  const auto [in, out, stride] = kBlocks[kBlock];
  const auto whole = constant_affines(ops, {kWholeFace});
  auto view = normalize.grey ? ops.luma(ops.chip(size)) : ops.chip(size);
  if (size > kChipSize) view = ops.views(view, whole, kChipSize);
  view = ops.normalize(ops.views(view, whole, kInputSize), normalize);
  auto x = layer(ops, "conv1", view, {.out = 32, .kernel = 3, .stride = 2});
  x = blocks(ops, x, 0, kBlock);
  x = layer(ops, "conv_dw_7", x, {.out = in, .kernel = 3, .stride = stride, .groups = in});
  return ops.global_average_pool(ops.conv2d(kLayer, x, {.out = out, .kernel = 1}));
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

void check_shape(const TensorFile& file, const char* name, const Shape& expected) {
  const Shape& shape = file.at(name).shape;
  if (shape != expected)
    throw Error(std::string(name) + " has the wrong shape", file.path().string(), to_string(expected),
                to_string(shape));
}

/// What the file holds: the first layers of a network, and what becomes of them.
struct AppearanceFile {
  std::string identity;  ///< a hash of all of it
  NormalizeOptions normalize;
  Weights weights;
  Projection projection;
};

AppearanceFile read_appearance(const std::filesystem::path& path) {
  const auto file = TensorFile::open(path);
  AppearanceFile read;
  const auto said = file.metadata().find("normalize");
  if (said == file.metadata().end()) throw Error("is no file of appearances", path.string(), "normalize");
  from_json(Json::parse(said->second, nullptr, /*allow_exceptions=*/false), read.normalize, path.string());
  for (const auto& [name, tensor] : file.tensors()) read.weights[name] = {tensor.shape, tensor.to_floats()};
  read.identity = "appearance " + said->second + identity_of(read.weights);
  read.projection = {file.at("mean").to_floats(), file.at("projection").to_floats()};
  check_shape(file, "mean", {kChannels});
  const Shape& rows = file.at("projection").shape;
  check_shape(file, "projection", {rows.empty() ? 1 : rows[0], kChannels});
  return read;
}

std::string graph_of(const AppearanceFile& file, int chip_size) {
  GraphOps ops(file.weights);
  ops.output("means", layer_means(ops, chip_size, file.normalize));
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
  Projection projection;
  CompiledNetwork compiled;
  Pool<ov::InferRequest> requests;

  Impl(const ChipOptions& chip, AppearanceFile file, const EngineOptions& options)
      : chip(chip),
        projection(std::move(file.projection)),
        compiled(compile_graph(
            {file.identity + " " + std::to_string(chip.size), [&] { return graph_of(file, chip.size); }},
            options)),
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

Appearance::Appearance(const ChipOptions& chip, const std::filesystem::path& file,
                       const EngineOptions& options) try
    : impl_(std::make_unique<Impl>(chip, read_appearance(file), options)) {
} catch (const ov::Exception& error) {
  throw Error("appearance cannot be compiled by OpenVINO", file.string(), {}, error.what());
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

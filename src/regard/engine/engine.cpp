#include "regard/engine/engine.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "regard/core/pool.h"
#include "regard/engine/chip_planes.h"
#include "regard/engine/openvino.h"
#include "regard/engine/precision.h"
#include "regard/openvino/batches.h"

namespace regard {

namespace {

/// The class frequencies that probabilities are divided by, which is exact for calibrated ones (Menon et al.,
/// ICLR 2021, section 4.1); empty: they stay as they are.
std::vector<float> divisor_of(const Model& model, const std::string& prior) {
  if (prior == "natural") return {};
  if (prior != "balanced") throw Error("unknown prior", "prior", "natural or balanced", prior);
  if (model.prior.empty())
    throw Error("model does not say how frequent the classes were in its training data", model.name,
                "a model with a prior, or the natural prior");
  return model.prior;
}

/// An output of a network, by name, and where it goes.
struct Output {
  const char* name;
  std::vector<float> Predictions::*values;
  std::size_t columns;
};

/// Name and shape of the feature that the network classifies.
std::pair<std::string, Shape> find_feature(const SpecOps& spec, const std::string& network) {
  for (const auto& output : spec.training_outputs())
    if (output.first == kFeature) return output;
  throw Error("network has no single feature per face", network);
}

std::vector<Output> outputs_of(const NetworkConfig& network, bool features) {
  std::vector<Output> outputs{{"logits", &Predictions::logits, 0},
                              {"probabilities", &Predictions::probabilities, 0},
                              {"view_weights", &Predictions::view_weights, 0},
                              {"gate", &Predictions::view_weights, 0},
                              {"affines", &Predictions::places, 0},
                              {"pose", &Predictions::pose, 0},
                              {"self_attention", &Predictions::self_attention, 0},
                              {"relation_attention", &Predictions::relation_attention, 0}};
  const auto spec = describe_network(network);
  auto shapes = spec.outputs();
  if (features) {
    outputs.push_back({kFeature, &Predictions::features, 0});
    shapes.push_back(find_feature(spec, network.name));
  }
  for (const auto& [name, shape] : shapes)
    for (auto& output : outputs)
      if (name == output.name) output.columns = static_cast<std::size_t>(element_count(shape) / shape[0]);
  std::erase_if(outputs, [](const Output& output) { return output.columns == 0; });
  return outputs;
}

}  // namespace

struct Engine::Impl {
  Impl(const Model& model, const EngineOptions& options)
      : size(model.network.chip_size),
        outputs(outputs_of(model.network, options.features)),
        mean(landmark_places(model.chip())),
        temperature(temperature_of(model, precision_of(model, options))),
        divisor(divisor_of(model, options.prior)),
        compiled(compile(model, options)),
        needs_landmarks(has_landmarks(compiled.model)) {}

  int size;
  std::vector<Output> outputs;
  Landmarks mean;
  float temperature;
  std::vector<float> divisor;
  CompiledNetwork compiled;
  bool needs_landmarks;
  Pool<ov::InferRequest> requests;

  Predictions room_for(std::size_t chips) const {
    Predictions result;
    for (const auto& [name, values, columns] : outputs) {
      (result.*values).resize(chips * columns);
      if (values == &Predictions::logits) result.classes = columns;
      if (values == &Predictions::view_weights) result.views = columns;
    }
    return result;
  }

  /// `landmarks`: one for each chip, or none. The results' rows begin at `first`.
  void run(ov::InferRequest& request, std::span<const ImageView> chips, std::span<const Landmarks> landmarks,
           std::size_t first, Predictions& result) {
    const auto side = static_cast<std::size_t>(size);
    auto input = request.get_tensor("chip");
    input.set_shape({chips.size(), 3, side, side});
    write_planes(chips, input.data<float>());
    if (needs_landmarks) write_landmarks(request.get_tensor("landmarks"), chips.size(), landmarks);
    request.infer();
    for (const auto& [name, values, columns] : outputs)
      std::copy_n(request.get_tensor(name).data<const float>(), chips.size() * columns,
                  (result.*values).begin() + static_cast<std::ptrdiff_t>(first * columns));
  }

  void divide(Predictions& result) const {
    const std::size_t classes = divisor.size();
    for (std::size_t first = 0; classes > 0 && first < result.logits.size(); first += classes) {
      const auto row = std::span(result.probabilities).subspan(first, classes);
      for (std::size_t i = 0; i < classes; ++i) {
        row[i] /= divisor[i];
        result.logits[first + i] -= temperature * std::log(divisor[i]);
      }
      const float sum = std::accumulate(row.begin(), row.end(), 0.f);
      for (float& value : row) value /= sum;
    }
  }

  void write_landmarks(ov::Tensor input, std::size_t count, std::span<const Landmarks> landmarks) const {
    input.set_shape({count, mean.size(), 2});
    auto* value = input.data<float>();
    for (std::size_t i = 0; i < count; ++i)
      for (const auto& [x, y] : landmarks.empty() ? mean : landmarks[i]) *value++ = x, *value++ = y;
  }
};

Engine::Engine(const Model& model, const EngineOptions& options)
    : impl_(std::make_unique<Impl>(model, options)) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

Predictions Engine::predict(std::span<const ImageView> chips, std::span<const Landmarks> landmarks) const {
  for (const auto& chip : chips) check_chip(chip, impl_->size);
  if (!landmarks.empty() && landmarks.size() != chips.size())
    throw Error("landmarks are those of another number of faces", "landmarks", std::to_string(chips.size()),
                std::to_string(landmarks.size()));
  auto result = impl_->room_for(chips.size());
  try {
    auto request = impl_->requests.take([this] { return impl_->compiled.model.create_infer_request(); });
    in_batches(chips.size(), [&](std::size_t first, std::size_t size) {
      impl_->run(*request, chips.subspan(first, size),
                 landmarks.empty() ? landmarks : landmarks.subspan(first, size), first, result);
    });
  } catch (const ov::Exception& e) {
    throw Error("network cannot be run by OpenVINO", {}, {}, e.what());
  }
  impl_->divide(result);
  return result;
}

}  // namespace regard

#include "regard/model/model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numeric>
#include <set>

#include "regard/core/error.h"
#include "regard/core/json.h"
#include "regard/network/ensemble.h"

namespace regard {

namespace {

constexpr const char* kEntry = "regard";
constexpr const char* kIntegers = "int8";
constexpr const char* kRange = "/range";
constexpr const char* kBias = "/bias";

/// "int8/conv1", to which kRange or kBias is appended.
std::string prefix_of(const std::string& layer) {
  return std::string(kIntegers) + "/" + layer;
}

/// What the metadata say of the network in 8-bit integers.
struct QuantizationText {
  float temperature = 1;
  Json data = Json::object();

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("temperature", temperature, "temperature of the quantized network");
    visit("data", data, "the images that ranges were measured on");
  }
};

/// The metadata of a model file, as options, so that unknown keys and wrong types are errors.
struct Description {
  std::string name, licence, source;
  std::vector<std::string> labels;
  float temperature = 1;
  std::vector<float> prior;
  bool trained = true;
  ChipOptions chip;

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("name", name, "the model's name");
    visit("labels", labels, "labels of the outputs, in order");
    visit("chip", chip, "how a face becomes a chip");
    visit("temperature", temperature, "temperature: the logits are divided by it before the softmax");
    visit("prior", prior, "class frequencies that the outputs assume; empty: unknown");
    visit("trained", trained, "whether the classifier is trained");
    visit("licence", licence, "of the weights");
    visit("source", source, "of the starting weights");
  }
};

/// Moves an object out of `json`; an empty one if it is missing.
Json take_object(Json& json, const char* key, const std::string& where) {
  if (!json.contains(key)) return Json::object();
  Json value = std::move(json[key]);
  json.erase(key);
  if (!value.is_object())
    throw Error("entry has the wrong type", where + ": " + key, "an object", value.type_name());
  return value;
}

void read_network(Json json, NetworkConfig& network, const std::string& where) {
  network.options = take_object(json, "options", where);
  if (!json.contains("name") || !json["name"].is_string()) throw Error("network's name is missing", where);
  network.name = json["name"].get<std::string>();
  if (json.size() > 1)
    throw Error("network has an unknown entry", where, "name and options", json_shown(json));
}

void check_landmarks(const std::vector<float>& places, const std::string& where) {
  if (places.size() != 10 ||
      !std::all_of(places.begin(), places.end(), [](float v) { return std::isfinite(v); }))
    throw Error("chip's landmarks are wrong", where, "ten finite numbers", std::to_string(places.size()));
}

void check_labels(const std::vector<std::string>& labels, const std::string& where) {
  if (labels.empty() || std::set(labels.begin(), labels.end()).size() != labels.size())
    throw Error("labels are wrong", where, "one or more, all different", json_shown(labels));
}

void check_prior(const Model& model, const std::string& where) {
  const auto& prior = model.prior;
  if (prior.empty()) return;
  const bool positive = std::all_of(prior.begin(), prior.end(), [](float share) { return share > 0; });
  const float sum = std::accumulate(prior.begin(), prior.end(), 0.f);
  if (prior.size() != model.labels.size() || !positive || std::abs(sum - 1) > 1e-3f)
    throw Error("prior is wrong", where, "a positive number for each label, with the sum 1",
                json_shown(prior));
}

void check_layer(const std::string& name, const QuantizedLayer& layer,
                 const std::vector<ParameterSpec>& specs, const std::string& where) {
  const auto spec = std::ranges::find(specs, name + ".weight", &ParameterSpec::name);
  if (spec == specs.end() || spec->shape.size() != 4)
    throw Error("quantized layer is no convolution of the network", where, {}, name);
  const auto place = where + ": " + prefix_of(name);
  if (!std::isfinite(layer.low) || !std::isfinite(layer.high) || !(layer.low <= 0) || !(layer.high > 0))
    throw Error("range of a quantized layer is wrong", place + kRange, "finite numbers around 0",
                std::to_string(layer.low) + " to " + std::to_string(layer.high));
  const auto finite = [](float value) { return std::isfinite(value); };
  if (layer.bias.empty() || (static_cast<std::int64_t>(layer.bias.size()) == spec->shape[0] &&
                             std::ranges::all_of(layer.bias, finite)))
    return;
  throw Error("bias of a quantized layer is wrong", place + kBias,
              std::to_string(spec->shape[0]) + " finite numbers", std::to_string(layer.bias.size()));
}

void check_temperature(float temperature, const std::string& where) {
  if (!(temperature > 0) || !std::isfinite(temperature))
    throw Error("temperature is out of range", where, "above 0", std::to_string(temperature));
}

/// Throws Error if the model is inconsistent.
void check_model(const Model& model, const std::string& where) {
  check_landmarks(model.landmarks, where);
  check_labels(model.labels, where);
  const auto& network = model.network;
  if (network.classes != static_cast<int>(model.labels.size()))
    throw Error("network does not fit the labels", where, std::to_string(model.labels.size()) + " classes",
                std::to_string(network.classes));
  check_temperature(network.temperature, where);
  const auto spec = describe_network(network);
  check_weights(model.weights, spec.parameters(), where);
  for (const auto& [name, layer] : model.quantization.layers)
    check_layer(name, layer, spec.parameters(), where);
  check_temperature(model.quantization.temperature, where + ": " + kIntegers);
  check_prior(model, where);
}

/// Everything but the weights.
Model read_description(const TensorFile& file, const std::string& where) {
  const auto entry = file.metadata().find(kEntry);
  if (entry == file.metadata().end())
    throw Error("not a model of regard", where, "an entry 'regard' in the metadata");
  const std::string place = where + ": " + kEntry;
  Json json = parse_json(entry->second, place);
  if (!json.is_object()) throw Error("model's metadata are mistyped", place, "an object", json.type_name());

  Model model;
  read_network(take_object(json, "network", place), model.network, place + ": network");
  model.recipe = take_object(json, "recipe", place);
  model.data = take_object(json, "data", place);
  model.results = take_object(json, "results", place);
  QuantizationText integers;
  from_json(take_object(json, kIntegers, place), integers, place + ": " + kIntegers);
  model.quantization.temperature = integers.temperature, model.quantization.data = integers.data;
  Description text;
  from_json(json, text, place);
  model.name = text.name, model.licence = text.licence, model.source = text.source;
  model.labels = text.labels, model.landmarks = text.chip.landmarks;
  model.network.temperature = text.temperature;
  model.prior = text.prior;
  model.trained = text.trained;
  model.network.chip_size = text.chip.size;
  model.network.classes = static_cast<int>(text.labels.size());
  return model;
}

Weight read_weight(const TensorView& tensor, const std::string& where) {
  if (tensor.dtype != DType::f32 && tensor.dtype != DType::f16 && tensor.dtype != DType::bf16)
    throw Error("weight has the wrong element type", where, "F32, F16 or BF16",
                std::string(name_of(tensor.dtype)));
  return {tensor.shape, tensor.to_floats()};
}

/// The layers that the file has a range of.
std::map<std::string, QuantizedLayer, std::less<>> read_quantized_layers(const TensorFile& file,
                                                                         const std::string& where) {
  std::map<std::string, QuantizedLayer, std::less<>> layers;
  const auto prefix = prefix_of("");
  for (const auto& [name, tensor] : file.tensors()) {
    if (!name.starts_with(prefix)) continue;
    const auto place = where + ": " + name;
    if (name.ends_with(kBias) && file.has(name.substr(0, name.size() - std::strlen(kBias)) + kRange))
      continue;
    if (!name.ends_with(kRange)) throw Error("tensor belongs to no quantized layer", place);
    const auto range = read_weight(tensor, place);
    if (range.shape != Shape{2})
      throw Error("tensor has the wrong shape", place, "[2]", to_string(range.shape));
    const auto layer = name.substr(prefix.size(), name.size() - prefix.size() - std::strlen(kRange));
    QuantizedLayer& read = layers[layer];
    read.low = range.values[0], read.high = range.values[1];
    if (const auto bias = prefix_of(layer) + kBias; file.has(bias))
      read.bias = read_weight(file.at(bias), where + ": " + bias).values;
  }
  return layers;
}

/// "views.flip_tta=true" as {"views": {"flip_tta": true}}.
Json patch_of(const std::string& setting) {
  const auto equals = setting.find('=');
  if (equals == 0 || equals == std::string::npos)
    throw Error("network's option is not set that way", setting, "KEY=VALUE");
  const std::string text = setting.substr(equals + 1);
  Json patch = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (patch.is_discarded()) patch = text;
  std::string key = setting.substr(0, equals);
  for (auto dot = key.rfind('.'); dot != std::string::npos; dot = key.rfind('.')) {
    patch = Json{{key.substr(dot + 1), patch}};
    key.resize(dot);
  }
  return Json{{key, patch}};
}

/// The mean of the models' priors; empty if one is unknown.
std::vector<float> mean_prior(std::span<const Model> models) {
  std::vector<float> mean(models[0].labels.size());
  for (const auto& model : models) {
    if (model.prior.empty()) return {};
    for (std::size_t i = 0; i < mean.size(); ++i)
      mean[i] += model.prior[i] / static_cast<float>(models.size());
  }
  return mean;
}

/// Appends words to others, once.
void add_words(std::string& text, const std::string& words) {
  if (words.empty() || text.find(words) != std::string::npos) return;
  text += (text.empty() ? "" : "; ") + words;
}

std::vector<std::uint16_t> to_halves(const std::vector<float>& values, const std::string& where) {
  std::vector<std::uint16_t> halves(values.size());
  std::transform(values.begin(), values.end(), halves.begin(), to_f16);
  if (std::any_of(halves.begin(), halves.end(), [](auto bits) { return (bits & 0x7c00) == 0x7c00; }))
    throw Error("weight is too large for half precision", where, "below 65520");
  return halves;
}

}  // namespace

Model load_model(const std::filesystem::path& path) {
  return load_model(TensorFile::open(path));
}

Model load_model(const TensorFile& file) {
  const auto where = file.path().string();
  Model model = read_description(file, where);
  model.quantization.layers = read_quantized_layers(file, where);
  for (const auto& [name, tensor] : file.tensors())
    if (!name.starts_with(prefix_of(""))) model.weights[name] = read_weight(tensor, where + ": " + name);
  check_model(model, where);
  model.file_hash = file.later_sha256();
  return model;
}

Model with_options(Model model, std::span<const std::string> settings) {
  for (const auto& setting : settings) model.network.options.merge_patch(patch_of(setting));
  if (!settings.empty()) check_model(model, model.name + " with " + settings.back());
  return model;
}

Model ensemble_of(const std::string& name, std::span<const Model> models) {
  if (models.size() < 2)
    throw Error("ensemble has too few members", name, "2 or more", std::to_string(models.size()));
  Model joined;
  joined.name = name;
  joined.network = {
      "ensemble", {{"members", Json::array()}}, models[0].network.chip_size, models[0].network.classes};
  joined.labels = models[0].labels;
  joined.landmarks = models[0].landmarks;
  joined.data = models[0].data;
  joined.recipe["members"] = Json::array();
  for (std::size_t i = 0; i < models.size(); ++i) {
    const auto& model = models[i];
    expect_trained(model);
    if (model.labels != joined.labels) throw Error("models of an ensemble have different labels", model.name);
    if (model.network.chip_size != joined.network.chip_size || model.landmarks != joined.landmarks)
      throw Error("models of an ensemble want different chips", model.name);
    joined.network.options["members"].push_back({{"name", model.network.name},
                                                 {"options", model.network.options},
                                                 {"temperature", model.network.temperature}});
    joined.recipe["members"].push_back({{"name", model.name}, {"hash", model.hash()}});
    for (const auto& [parameter, weight] : model.weights)
      joined.weights[name_of_member(i) + "." + parameter] = weight;
    for (const auto& [layer, how] : model.quantization.layers)
      joined.quantization.layers[name_of_member(i) + "." + layer] = how;
    if (model.data != joined.data) joined.data = Json::object();
    add_words(joined.licence, model.licence);
    add_words(joined.source, model.source);
  }
  joined.prior = mean_prior(models);
  check_model(joined, name);
  return joined;
}

void expect_trained(const Model& model) {
  if (model.trained) return;
  throw Error("classifier is untrained: its predictions would be meaningless", model.name,
              "a trained model; `regard train` makes one with this file as its start");
}

void expect_quantized(const Model& model) {
  if (!model.quantization.empty()) return;
  throw Error("model has no ranges for 8-bit integers", model.name,
              "a quantized model; `regard quantize` makes one from it and images of its training data");
}

Json describe_model(const Model& model) {
  Json json = to_json(Description{.name = model.name,
                                  .licence = model.licence,
                                  .source = model.source,
                                  .labels = model.labels,
                                  .temperature = model.network.temperature,
                                  .prior = model.prior,
                                  .trained = model.trained,
                                  .chip = model.chip()});
  json["network"] = {{"name", model.network.name}, {"options", model.network.options}};
  json["recipe"] = model.recipe;
  json["data"] = model.data;
  json["results"] = model.results;
  if (!model.quantization.empty())
    json[kIntegers] = to_json(QuantizationText{model.quantization.temperature, model.quantization.data});
  return json;
}

DType stored_type(const TensorFile& file) {
  const auto is_half = [](const auto& named) { return named.second.dtype == DType::f16; };
  return std::ranges::any_of(file.tensors(), is_half) ? DType::f16 : DType::f32;
}

void save_model(const std::filesystem::path& path, const Model& model, DType dtype) {
  if (dtype != DType::f32 && dtype != DType::f16)
    throw Error("weights cannot be written in this type", path.string(), "F32 or F16",
                std::string(name_of(dtype)));
  check_model(model, path.string());
  std::map<std::string, std::vector<std::uint16_t>> halves;
  std::map<std::string, TensorView> tensors;
  for (const auto& [name, weight] : model.weights) {
    const bool half = dtype == DType::f16 && weight.shape.size() > 1;
    if (half) halves[name] = to_halves(weight.values, path.string() + ": " + name);
    const auto bytes =
        half ? std::as_bytes(std::span(halves[name])) : std::as_bytes(std::span(weight.values));
    tensors[name] = {half ? DType::f16 : DType::f32, weight.shape, bytes};
  }
  std::map<std::string, std::array<float, 2>> ranges;
  for (const auto& [name, layer] : model.quantization.layers) {
    const auto& range = ranges[name] = {layer.low, layer.high};
    tensors[prefix_of(name) + kRange] = {DType::f32, {2}, std::as_bytes(std::span(range))};
    if (layer.bias.empty()) continue;
    tensors[prefix_of(name) + kBias] = {
        DType::f32, {static_cast<std::int64_t>(layer.bias.size())}, std::as_bytes(std::span(layer.bias))};
  }
  write_tensor_file(path, {{kEntry, json_text(describe_model(model), path.string())}}, tensors);
}

}  // namespace regard

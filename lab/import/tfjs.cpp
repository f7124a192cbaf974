#include "lab/import/tfjs.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <utility>

#include "regard/core/file.h"
#include "regard/core/json.h"
#include "regard/core/labels.h"
#include "regard/model/file_kind.h"
#include "regard/network/plain.h"

namespace regard {

namespace {

using Sorted = nlohmann::json;

const Sorted& entry(const Sorted& json, const char* key, Sorted::value_t type, const std::string& where) {
  if (!json.is_object() || !json.contains(key) || json.at(key).type() != type)
    throw Error("not a TensorFlow.js model", where,
                std::string("an entry '") + key + "' (" + Sorted(type).type_name() + ")");
  return json.at(key);
}

std::string text(const Sorted& json, const char* key, const std::string& where) {
  return entry(json, key, Sorted::value_t::string, where).get<std::string>();
}

/// The shards of one group, one after the other.
std::string read_shards(const Sorted& group, const std::filesystem::path& folder, const std::string& where) {
  std::string bytes;
  for (const auto& name : entry(group, "paths", Sorted::value_t::array, where)) {
    const std::filesystem::path shard = name.is_string() ? name.get<std::string>() : "";
    if (shard.empty() || shard.filename() != shard)
      throw Error("shard is no file beside the JSON", where, "a file name", name.dump());
    const auto part = read_text(folder / shard);
    if (const auto& kind = file_kind(std::as_bytes(std::span(part))); kind.kind == FileKind::stub)
      throw Error("shard holds no weights", (folder / shard).string(), {}, describe(kind));
    bytes += part;
  }
  return bytes;
}

Shape read_shape(const Sorted& weight, const std::string& where) {
  Shape shape;
  for (const auto& size : entry(weight, "shape", Sorted::value_t::array, where)) {
    if (!size.is_number_unsigned()) throw Error("shape is mistyped", where, "natural numbers", size.dump());
    shape.push_back(size.get<std::int64_t>());
  }
  return shape;
}

/// Takes a group's next weight off `bytes`; whole numbers, which only configure ops, are passed over.
void read_weight(const Sorted& weight, std::string_view& bytes, Weights& weights, const std::string& where) {
  const auto name = text(weight, "name", where);
  const auto place = where + ": " + name;
  const auto type = text(weight, "dtype", place);
  if (weight.contains("quantization") || (type != "float32" && type != "int32"))
    throw Error("weight has an element type that cannot be imported", place, "float32, not quantised", type);
  const Shape shape = read_shape(weight, place);
  const auto count = static_cast<std::uint64_t>(element_count(shape));
  if (count > bytes.size() / sizeof(float))
    throw Error("shards are too short", place, std::to_string(count) + " numbers",
                std::to_string(bytes.size() / sizeof(float)));
  if (type == "float32") {
    auto& values = (weights[name] = {shape, std::vector<float>(count)}).values;
    if (count > 0) std::memcpy(values.data(), bytes.data(), count * sizeof(float));
  }
  bytes.remove_prefix(count * sizeof(float));
}

/// All weights by the names that the file gives them.
Weights read_weights(const Sorted& json, const std::filesystem::path& folder, const std::string& where) {
  Weights weights;
  for (const auto& group : entry(json, "weightsManifest", Sorted::value_t::array, where)) {
    const auto shards = read_shards(group, folder, where);
    std::string_view bytes = shards;
    for (const auto& weight : entry(group, "weights", Sorted::value_t::array, where))
      read_weight(weight, bytes, weights, where);
    if (!bytes.empty())
      throw Error("shards are longer than their weights", where, {},
                  std::to_string(bytes.size()) + " bytes more");
  }
  return weights;
}

/// One layer of MobileNet-v1 from its names in the file to its names in mobilenet.h.
class LayerImport {
 public:
  LayerImport(const Weights& file, const std::string& where) : file_(file), where_(where) {}

  /// Fills the kernel of the convolution `layer` and the batch norm beside it.
  void operator()(const std::string& layer, Weights& weights) const {
    const bool depthwise = layer.starts_with("conv_dw_");
    auto& kernel = weights.at(layer + ".weight");
    const auto source = layer + (depthwise ? "/depthwise_kernel" : "/convolution/merged_input");
    copy_kernel(at(source, stored_shape(kernel.shape, depthwise)), kernel, depthwise);

    const Shape channels{kernel.shape[0]};
    const auto norm = layer + "_bn";
    weights.at(norm + ".bias") = at(norm + "/batchnorm_1/sub", channels);
    auto& scale = weights.at(norm + ".weight");
    if (depthwise) scale = at(norm + "/batchnorm_1/mul", channels);
    // The op divides by the root of variance + epsilon; the fresh variance is 1.
    for (auto& value : scale.values) value *= std::sqrt(1 + kEpsilon);
  }

 private:
  static constexpr float kEpsilon = 1e-3f;  // SpecOps::batch_norm's

  /// TensorFlow's order: height, width, in, out; where depthwise: height, width, channels, 1.
  static Shape stored_shape(const Shape& shape, bool depthwise) {
    const auto [out, in, height, width] = std::array{shape[0], shape[1], shape[2], shape[3]};
    return depthwise ? Shape{height, width, out, in} : Shape{height, width, in, out};
  }

  static void copy_kernel(const Weight& from, Weight& to, bool depthwise) {
    const auto filters = static_cast<std::size_t>(to.shape[0] * to.shape[1]);
    const auto out = static_cast<std::size_t>(depthwise ? to.shape[1] : to.shape[0]);
    const auto in = filters / out;
    const auto places = static_cast<std::size_t>(to.shape[2] * to.shape[3]);
    for (std::size_t o = 0; o < out; ++o)
      for (std::size_t i = 0; i < in; ++i)
        for (std::size_t p = 0; p < places; ++p)
          to.values[(o * in + i) * places + p] = from.values[p * filters + i * out + o];
  }

  const Weight& at(const std::string& name, const Shape& shape) const {
    const auto found = file_.find(name);
    if (found == file_.end()) throw Error("weight '" + name + "' is missing", where_, to_string(shape));
    if (found->second.shape != shape)
      throw Error("weight has the wrong shape", where_ + ": " + name, to_string(shape),
                  to_string(found->second.shape));
    return found->second;
  }

  const Weights& file_;
  const std::string& where_;
};

NetworkConfig network_to_train() {
  PlainOptions options;
  options.normalize.grey = true;
  options.normalize.mean = {123.68f, 116.779f, 103.939f};
  options.normalize.std = {1, 1, 1};
  return {.name = "plain", .options = to_json(options), .classes = static_cast<int>(kFerplusLabels.size())};
}

std::string describe_source(const Sorted& json, const std::filesystem::path& path) {
  std::string source = path.filename().string() + ", a TensorFlow.js graph model";
  if (json.contains("generatedBy") && json["generatedBy"].is_string())
    source += ", generated by " + json["generatedBy"].get<std::string>();
  if (json.contains("convertedBy") && json["convertedBy"].is_string())
    source += ", converted by " + json["convertedBy"].get<std::string>();
  return source;
}

}  // namespace

void reverse_input_channels(Weight& kernel) {
  const auto places = kernel.shape[2] * kernel.shape[3];
  for (auto filter = kernel.values.begin(); filter != kernel.values.end(); filter += 3 * places)
    std::swap_ranges(filter, filter + places, filter + 2 * places);
}

Model import_tfjs(const std::filesystem::path& path) {
  const auto where = path.string();
  const auto text_of_file = read_text(path);
  if (const auto& kind = file_kind(std::as_bytes(std::span(text_of_file))); kind.kind != FileKind::json)
    throw Error("not a TensorFlow.js model", where, "a JSON file", describe(kind));
  const auto json = parse_json<Sorted>(text_of_file, where);
  if (const auto format = text(json, "format", where); format != "graph-model")
    throw Error("not a TensorFlow.js graph model", where, "graph-model", format);
  const auto file = read_weights(json, path.parent_path(), where);

  Model model;
  model.name = path.stem().string();
  model.network = network_to_train();
  model.labels.assign(kFerplusLabels.begin(), kFerplusLabels.end());
  model.trained = false;
  model.source = describe_source(json, path);
  const bool known = model.source.find("HSE_FaceRec_tf") != std::string::npos;
  model.licence = known ? "Apache-2.0" : "unknown";

  const auto specs = describe_network(model.network).parameters();
  model.weights = initial_weights(specs, 0);
  const LayerImport import_layer(file, where);
  for (const auto& spec : specs)
    if (spec.shape.size() == 4) import_layer(spec.name.substr(0, spec.name.rfind('.')), model.weights);
  reverse_input_channels(model.weights.at("conv1.weight"));
  check_weights(model.weights, specs, where);
  return model;
}

}  // namespace regard

#include "lab/import/weights.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <set>

#include "lab/import/onnx.h"
#include "lab/import/tfjs.h"
#include "lab/import/torch.h"
#include "regard/core/error.h"
#include "regard/core/file.h"
#include "regard/core/labels.h"
#include "regard/model/file_kind.h"
#include "regard/network/backbone.h"
#include "regard/network/plain.h"

namespace regard {

namespace {

ForeignFile read_safetensors(const std::filesystem::path& path) {
  const auto opened = std::make_shared<const TensorFile>(TensorFile::open(path));
  ForeignFile file;
  for (const auto& [name, tensor] : opened->tensors())
    file.tensors[name] = {tensor.shape, [opened, tensor = tensor] { return tensor.to_floats(); }};
  return file;
}

/// By the contents of the file, not by its extension.
ForeignFile read_foreign(const std::filesystem::path& path) {
  const auto& kind = file_kind(map_file(path).bytes);
  switch (kind.kind) {
    case FileKind::safetensors:
      return read_safetensors(path);
    case FileKind::torch:
    case FileKind::zip:
      return read_torch_file(path);
    case FileKind::onnx:
      return {{}, read_onnx_file(path)};
    case FileKind::unknown:
      if (path.extension() == ".safetensors") return read_safetensors(path);
      if (path.extension() == ".onnx") return {{}, read_onnx_file(path)};
      [[fallthrough]];
    default:
      throw Error("not a file of weights", path.string(), "a .safetensors, an .onnx or PyTorch's .pth",
                  describe(kind));
  }
}

/// How a file names what we call by torchvision's names: the longest of our prefixes that a name begins with
/// is put in the other's words.
using Convention = std::vector<std::pair<std::string, std::string>>;
using Conventions = std::vector<Convention>;

/// ResNet's layers in one torch.nn.Sequential, where ReLU and pool have numbers, too.
Convention numbered_layers() {
  return {{"conv1.", "0."},  {"bn1.", "1."},    {"layer1.", "4."},
          {"layer2.", "5."}, {"layer3.", "6."}, {"layer4.", "7."}};
}

/// VGG's layers by block and place, as Caffe's files name them: "conv1_1" or "conv_1_1".
Convention caffe_layers(const std::string& prefix) {
  Convention names{{"classifier.0.", "fc6."}};
  int number = 0, block = 1;
  for (const int depth : {2, 2, 3, 3, 3}) {
    for (int place = 1; place <= depth; ++place, number += 2)
      names.emplace_back("features." + std::to_string(number) + ".",
                         prefix + std::to_string(block) + "_" + std::to_string(place) + ".");
    ++block, ++number;
  }
  return names;
}

/// SFace's parameters as MXNet, which it was trained in, calls them: "conv_1_batchnorm_gamma".
Convention mxnet_names() {
  const std::map<std::string, std::string> of_norm{
      {"weight", "gamma"}, {"bias", "beta"}, {"running_mean", "moving_mean"}, {"running_var", "moving_var"}};
  Convention names;
  const auto add_norm = [&](const std::string& layer) {
    for (const auto& [ours, theirs] : of_norm) names.emplace_back(layer + "." + ours, layer + "_" + theirs);
  };
  for (int number = 1; number <= 14; ++number)
    for (const std::string kind : {"", "_dw"}) {
      const auto layer = "conv_" + std::to_string(number) + kind;
      names.emplace_back(layer + "_conv2d.weight", layer + "_conv2d_weight");
      names.emplace_back(layer + "_relu.weight", layer + "_relu_gamma");
      add_norm(layer + "_batchnorm");
    }
  add_norm("bn1");
  return names;
}

/// Of layers that alone were spread over GPUs.
Convention parallel_features() {
  return {{"features.", "features.module."}};
}

/// Alternative layer names in published files of a backbone; its own names are always tried.
struct ForeignNames {
  const char* backbone;
  Conventions (*conventions)();
};

constexpr std::array kForeignNames{
    ForeignNames{"sface", []() -> Conventions { return {mxnet_names()}; }},
    ForeignNames{"resnet18", []() -> Conventions { return {numbered_layers()}; }},
    ForeignNames{"vgg16", []() -> Conventions {
                   return {caffe_layers("conv"), caffe_layers("conv_"), parallel_features()};
                 }}};

Conventions conventions_of(const std::string& backbone) {
  Conventions conventions{{}};
  for (const auto& row : kForeignNames)
    if (backbone == row.backbone) std::ranges::move(row.conventions(), std::back_inserter(conventions));
  return conventions;
}

std::string in_words_of(const Convention& convention, const std::string& name) {
  for (const auto& [ours, theirs] : convention)
    if (name.starts_with(ours)) return theirs + name.substr(ours.size());
  return name;
}

/// Whether the values of one shape can be those of the other as they lie: a fully connected layer may be
/// stored as the convolution that covers its whole input, slopes of channels with the axes of an image.
bool same_values(const Shape& ours, const Shape& theirs) {
  if (ours == theirs || (ours.size() == 1 && theirs == Shape{ours[0], 1, 1})) return true;
  return ours.size() == 2 && theirs.size() == 4 && ours[0] == theirs[0] &&
         ours[1] == element_count({theirs.begin() + 1, theirs.end()});
}

/// Which tensor of the file each parameter of a backbone is.
struct Match {
  std::string backbone, first;
  std::vector<ParameterSpec> specs;
  std::map<std::string, std::string> names;  // ours -> the file's

  double share() const { return static_cast<double>(names.size()) / static_cast<double>(specs.size()); }
};

Match match(Match bare, const Convention& convention, const std::string& prefix, const ForeignTensors& file) {
  for (const auto& spec : bare.specs) {
    const auto found = file.find(prefix + in_words_of(convention, spec.name));
    if (found != file.end() && same_values(spec.shape, found->second.shape))
      bare.names[spec.name] = found->first;
  }
  bare.first = prefix + in_words_of(convention, bare.specs.front().name);
  return bare;
}

/// The names by which most parameters are found.
Match best_match(const std::string& backbone, int input_size, const ForeignTensors& file) {
  SpecOps ops;
  regard::backbone(ops, backbone, Shape{1, 3, input_size, input_size});
  const Match bare{backbone, {}, ops.parameters(), {}};
  Match best = bare;
  for (const auto& convention : conventions_of(backbone)) {
    const auto first = in_words_of(convention, bare.specs.front().name);
    for (const auto& [name, tensor] : file) {
      if (!name.ends_with(first)) continue;
      const auto prefix = name.substr(0, name.size() - first.size());
      if (!prefix.empty() && !prefix.ends_with('.')) continue;
      auto other = match(bare, convention, prefix, file);
      if (other.names.size() > best.names.size()) best = std::move(other);
    }
  }
  return best;
}

/// The backbone that was asked for, else the one of which most is there.
Match choose_backbone(const ForeignTensors& file, const ImportOptions& options) {
  if (!options.backbone.empty()) return best_match(options.backbone, options.input_size, file);
  std::optional<Match> best;
  for (const auto& row : kBackbones<SpecOps>) {
    auto other = best_match(row.name, options.input_size, file);
    if (!best || other.share() > best->share()) best = std::move(other);
  }
  return *best;
}

void expect_enough(const Match& match, const ForeignTensors& file, const std::string& where) {
  if (2 * match.names.size() >= match.specs.size()) return;
  std::string found =
      std::to_string(match.names.size()) + " among " + std::to_string(file.size()) + " tensors";
  int shown = 0;
  for (const auto& [name, tensor] : file)
    if (shown++ < 3) found += ", '" + name + "' " + to_string(tensor.shape);
  const auto& first = match.specs.front();
  throw Error("file holds too little of the backbone " + match.backbone, where,
              "half or more of " + std::to_string(match.specs.size()) + " parameters, '" + first.name + "' " +
                  to_string(first.shape) + " and so on",
              found);
}

NetworkConfig network_to_train(const std::string& backbone, const ImportOptions& options) {
  PlainOptions plain;
  plain.backbone = backbone;
  plain.input_size = options.input_size;
  plain.normalize = options.normalize;
  return {.name = "plain", .options = to_json(plain), .classes = static_cast<int>(kFerplusLabels.size())};
}

/// Fills the weights that the file has, and says which those are.
ImportReport take_weights(const Match& match, const ForeignFile& foreign, Weights& weights) {
  const auto& file = foreign.tensors;
  ImportReport report;
  report.backbone = match.backbone, report.first = match.first, report.place = foreign.place;
  std::set<std::string_view> wanted;
  for (auto& [name, weight] : weights) {
    const auto found = match.names.find(name);
    if (found == match.names.end()) {
      report.fresh.push_back(name);
      continue;
    }
    weight.values = file.at(found->second).values();
    report.taken.push_back(name);
    wanted.insert(found->second);
  }
  for (const auto& [name, tensor] : file)
    if (!wanted.contains(name) && !name.ends_with("num_batches_tracked")) report.left_over.push_back(name);
  return report;
}

Model empty_model(const std::filesystem::path& path) {
  Model model;
  const auto stem = path.stem();
  model.name = (stem.extension() == ".pth" ? stem.stem() : stem).string();  // x.pth.tar
  model.labels.assign(kFerplusLabels.begin(), kFerplusLabels.end());
  model.trained = false;
  model.licence = "unknown";
  model.source = path.filename().string() + ", SHA-256 " + sha256(map_file(path).bytes);
  return model;
}

}  // namespace

Model import_weights(const std::filesystem::path& path, const ImportOptions& options, ImportReport& report) {
  const auto where = path.string();
  const auto file = read_foreign(path);
  const auto match = choose_backbone(file.tensors, options);
  expect_enough(match, file.tensors, where);

  auto model = empty_model(path);
  model.network = network_to_train(match.backbone, options);
  const auto specs = describe_network(model.network).parameters();
  model.weights = initial_weights(specs, 0);
  report = take_weights(match, file, model.weights);
  if (options.bgr && match.names.contains(match.specs.front().name))
    reverse_input_channels(model.weights.at(match.specs.front().name));
  check_weights(model.weights, specs, where);
  return model;
}

}  // namespace regard

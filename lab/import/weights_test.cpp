#include "lab/import/weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "regard/core/file.h"
#include "regard/network/backbone.h"
#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using test::TemporaryFolder;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// The parameters of a backbone as another program would name them.
using Rename = std::function<std::string(std::string)>;

Weights weights_of(const std::string& backbone, int input_size, const Rename& rename) {
  SpecOps ops;
  regard::backbone(ops, backbone, Shape{1, 3, input_size, input_size});
  Weights weights;
  float value = 0;
  for (const auto& spec : ops.parameters()) {
    auto& weight = weights[rename(spec.name)] = {spec.shape, {}};
    weight.values.resize(static_cast<std::size_t>(element_count(spec.shape)));
    for (auto& number : weight.values) number = value = value < 1 ? value + 1 / 1021.f : -1;
  }
  return weights;
}

void write(const std::filesystem::path& path, const Weights& weights) {
  std::map<std::string, TensorView> tensors;
  for (const auto& [name, weight] : weights)
    tensors[name] = {DType::f32, weight.shape, std::as_bytes(std::span(weight.values))};
  write_tensor_file(path, {}, tensors);
}

struct Imported {
  Model model;
  ImportReport report;
};

Imported import(const Weights& weights, const ImportOptions& options = {}) {
  const TemporaryFolder folder;
  write(folder / "made.safetensors", weights);
  Imported imported;
  imported.model = import_weights(folder / "made.safetensors", options, imported.report);
  return imported;
}

std::string behind(const std::string& prefix, const std::string& name) {
  return prefix + name;
}

std::string replaced(std::string name, const std::string& from, const std::string& to) {
  return name.starts_with(from) ? to + name.substr(from.size()) : name;
}

TEST(ImportWeights, AResNetWithAnotherClassifier) {
  auto weights = weights_of("resnet18", 224, [](auto name) { return behind("module.", name); });
  weights["module.fc.weight"] = {{3, 512}, std::vector<float>(3 * 512)};
  weights["module.bn1.num_batches_tracked"] = {{}, {5}};
  const auto [model, report] = import(weights, {.normalize = {.mean = {1, 2, 3}, .std = {4, 5, 6}}});
  EXPECT_EQ(report.backbone, "resnet18");
  EXPECT_EQ(report.first, "module.conv1.weight");
  EXPECT_EQ(report.taken.size(), 100u);
  EXPECT_THAT(report.fresh, ElementsAre("fc.bias", "fc.weight"));
  EXPECT_THAT(report.left_over, ElementsAre("module.fc.weight"));
  for (const auto* name : {"conv1.weight", "layer4.1.bn2.running_var", "layer2.0.downsample.0.weight"})
    EXPECT_EQ(model.weights.at(name).values, weights.at(behind("module.", name)).values) << name;

  EXPECT_EQ(model.name, "made");
  EXPECT_FALSE(model.trained);
  EXPECT_EQ(model.licence, "unknown");
  EXPECT_THAT(model.source, AllOf(HasSubstr("made.safetensors"), HasSubstr("SHA-256")));
  const auto& options = model.network.options;
  EXPECT_EQ(options["backbone"], "resnet18");
  EXPECT_EQ(options["input_size"], 224);
  EXPECT_EQ(options["normalize"]["mean"], Json({1, 2, 3}));
  EXPECT_EQ(options["normalize"]["std"], Json({4, 5, 6}));
  const TemporaryFolder folder;
  save_model(folder / "start.safetensors", model);
  EXPECT_EQ(load_model(folder / "start.safetensors").weights.size(), 102u);
}

TEST(ImportWeights, ResNetLayersByNumber) {
  const auto weights = weights_of("resnet18", 224, [](std::string name) {
    for (const auto& [from, to] : {std::pair{"conv1.", "0."},
                                   {"bn1.", "1."},
                                   {"layer1.", "4."},
                                   {"layer2.", "5."},
                                   {"layer3.", "6."},
                                   {"layer4.", "7."}})
      if (name.starts_with(from)) return behind("features.", replaced(name, from, to));
    return name;
  });
  const auto [model, report] = import(weights);
  EXPECT_EQ(report.backbone, "resnet18");
  EXPECT_EQ(report.first, "features.0.weight");
  EXPECT_THAT(report.left_over, IsEmpty());
  EXPECT_EQ(model.weights.at("layer3.0.conv1.weight").values, weights.at("features.6.0.conv1.weight").values);
}

/// At 32 pixels the fully connected layer sees 512 x 1 x 1 values.
Weights caffe_vgg(const std::string& conv) {
  const std::map<std::string, std::string> names{
      {"0", "1_1"},  {"2", "1_2"},  {"5", "2_1"},  {"7", "2_2"},  {"10", "3_1"}, {"12", "3_2"}, {"14", "3_3"},
      {"17", "4_1"}, {"19", "4_2"}, {"21", "4_3"}, {"24", "5_1"}, {"26", "5_2"}, {"28", "5_3"}};
  auto weights = weights_of("vgg16", 32, [&](const std::string& name) {
    if (name.starts_with("classifier.0.")) return replaced(name, "classifier.0.", "fc6.");
    const auto dot = name.rfind('.');
    return conv + names.at(name.substr(9, dot - 9)) + name.substr(dot);
  });
  weights.at("fc6.weight").shape = {4096, 512, 1, 1};
  return weights;
}

TEST(ImportWeights, AVggByCaffesNames) {
  const auto weights = caffe_vgg("conv");
  const auto [model, report] = import(weights, {.input_size = 32, .bgr = true});
  EXPECT_EQ(report.backbone, "vgg16");
  EXPECT_EQ(report.taken.size(), 28u);
  EXPECT_EQ(model.weights.at("classifier.0.weight").shape, (Shape{4096, 512}));
  EXPECT_EQ(model.weights.at("classifier.0.weight").values, weights.at("fc6.weight").values);
  EXPECT_EQ(model.weights.at("features.28.bias").values, weights.at("conv5_3.bias").values);
  const auto &ours = model.weights.at("features.0.weight").values,
             &theirs = weights.at("conv1_1.weight").values;
  for (std::size_t filter : {0, 63})
    for (std::size_t i = 0; i < 27; ++i)
      EXPECT_EQ(ours[filter * 27 + i], theirs[filter * 27 + (2 - i / 9) * 9 + i % 9]);
}

/// Slopes of channels have the axes of an image there.
TEST(ImportWeights, SfaceByMxnetsNames) {
  auto weights = weights_of("sface", 112, [](std::string name) {
    for (const auto& [from, to] : {std::pair{"_relu.weight", "_relu_gamma"},
                                   {"_conv2d.weight", "_conv2d_weight"},
                                   {".weight", "_gamma"},
                                   {".bias", "_beta"},
                                   {".running_mean", "_moving_mean"},
                                   {".running_var", "_moving_var"}})
      if (name.ends_with(from)) return name.substr(0, name.size() - std::string(from).size()) + to;
    return name;
  });
  for (auto& [name, weight] : weights)
    if (name.ends_with("_relu_gamma")) weight.shape = {weight.shape[0], 1, 1};
  const auto [model, report] = import(weights, {.input_size = 112});
  EXPECT_EQ(report.backbone, "sface");
  EXPECT_EQ(report.taken.size(), 166u);
  EXPECT_THAT(report.left_over, IsEmpty());
  EXPECT_EQ(model.weights.at("conv_14_dw_relu.weight").shape, Shape{1024});
  EXPECT_EQ(model.weights.at("conv_14_dw_relu.weight").values, weights.at("conv_14_dw_relu_gamma").values);
  EXPECT_EQ(model.weights.at("conv_2_batchnorm.running_var").values,
            weights.at("conv_2_batchnorm_moving_var").values);
  EXPECT_EQ(model.weights.at("bn1.bias").values, weights.at("bn1_beta").values);
}

TEST(ImportWeights, ALayerOfAnotherInputSizeStaysFresh) {
  const auto [model, report] = import(caffe_vgg("conv_"), {.backbone = "vgg16", .input_size = 64});
  EXPECT_EQ(report.first, "conv_1_1.weight");
  EXPECT_THAT(report.fresh, ElementsAre("classifier.0.weight", "fc.bias", "fc.weight"));
  EXPECT_THAT(report.left_over, ElementsAre("fc6.weight"));
}

TEST(ImportWeights, TooLittleOfABackboneIsAnError) {
  auto weights = weights_of("resnet18", 224, [](auto name) { return name; });
  EXPECT_THAT(error_of([&] { import(weights, {.backbone = "vgg16"}); }),
              AllOf(HasSubstr("vgg16"), HasSubstr("0 among 100 tensors"), HasSubstr("bn1.bias")));
  EXPECT_THAT(error_of([&] { import(weights, {.backbone = "resnet19"}); }), HasSubstr("unknown backbone"));
  std::erase_if(weights, [](const auto& entry) { return entry.first > "layer2."; });  // leaves 25 of 100
  EXPECT_THAT(error_of([&] { import(weights); }),
              AllOf(HasSubstr("too little"), HasSubstr("'conv1.weight'")));
}

TEST(ImportWeights, FilesAreReadByWhatTheyAre) {
  const TemporaryFolder folder;
  const auto error_of_import = [&](const std::string& name) {
    ImportReport report;
    return error_of([&] { import_weights(folder / name, {}, report); });
  };
  write(folder / "a.pth", {{"w", {{1}, {1}}}});  // a safetensors file
  EXPECT_THAT(error_of_import("a.pth"), HasSubstr("0 among 1 tensors, 'w' [1]"));
  write_text_atomically(folder / "a.safetensors", "<html>");
  EXPECT_THAT(error_of_import("a.safetensors"),
              AllOf(HasSubstr("not a file of weights"), HasSubstr("got an HTML page")));
  write_text_atomically(folder / "a.onnx", "");
  EXPECT_THAT(error_of_import("a.onnx"), HasSubstr("got an empty file"));
  write_text_atomically(folder / "b.pth", "weights?");
  EXPECT_THAT(error_of_import("b.pth"), HasSubstr("got text"));
}

TEST(ImportWeights, ValuesThatAreNotFiniteAreErrors) {
  auto weights = weights_of("resnet18", 224, [](auto name) { return name; });
  weights.at("layer1.0.bn1.bias").values[7] = std::numeric_limits<float>::infinity();
  EXPECT_THAT(error_of([&] { import(weights); }), AllOf(HasSubstr("layer1.0.bn1.bias"), HasSubstr("finite")));
}

}  // namespace
}  // namespace regard

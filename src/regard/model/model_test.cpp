#include "regard/model/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <functional>
#include <limits>

#include "regard/core/file.h"
#include "regard/core/labels.h"
#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using test::TemporaryFolder;
using testing::AllOf;
using testing::HasSubstr;

Model made_model() {
  Model model;
  model.name = "made";
  model.labels.assign(kFerplusLabels.begin(), kFerplusLabels.end());
  model.network.options["dropout"] = .1;
  model.network.temperature = 1.25f;
  model.prior = {.35f, .25f, .125f, .125f, .0625f, .03125f, .03125f, .025f};
  model.landmarks[0] = .25f;
  model.recipe["epochs"] = 3;
  model.data["name"] = "ferplus";
  model.results["valid"] = {{"accuracy", .875}, {"count", 3191}};
  model.licence = "Apache-2.0";
  model.source = "nowhere";
  model.weights = initial_weights(describe_network(model.network).parameters(), 1);
  return model;
}

TEST(Ensemble, HoldsItsMembersWeightsByName) {
  auto other = made_model();
  other.name = "other";
  other.network.temperature = .5f;
  other.source = "elsewhere";
  const std::vector<Model> models{made_model(), other};
  const auto joined = ensemble_of("both", models);
  EXPECT_EQ(joined.weights.size(), 2 * models[0].weights.size());
  EXPECT_EQ(joined.weights.at("member_2.fc.bias").values, other.weights.at("fc.bias").values);
  EXPECT_EQ(joined.network.options["members"][0]["temperature"], 1.25f);
  EXPECT_EQ(joined.network.options["members"][1]["temperature"], .5f);
  EXPECT_EQ(joined.network.temperature, 1);
  EXPECT_EQ(joined.licence, "Apache-2.0");
  EXPECT_EQ(joined.source, "nowhere; elsewhere");
  EXPECT_EQ(joined.prior, models[0].prior);
  auto without = models;
  without[1].prior.clear();
  EXPECT_TRUE(ensemble_of("both", without).prior.empty());
  const TemporaryFolder folder;
  save_model(folder / "both", joined);
  EXPECT_EQ(load_model(folder / "both").network.options, joined.network.options);
}

TEST(Ensemble, MembersMustFitEachOther) {
  std::vector<Model> models{made_model(), made_model()};
  const auto error = [&] { return error_of([&] { ensemble_of("both", models); }); };
  EXPECT_EQ(error(), "");
  models[1].labels[0] = "calm";
  EXPECT_THAT(error(), HasSubstr("labels"));
  models[1] = made_model();
  models[1].landmarks[3] = .5f;
  EXPECT_THAT(error(), HasSubstr("chips"));
  models.resize(1);
  EXPECT_THAT(error(), HasSubstr("2 or more"));
}

Model quantized_model() {
  auto model = made_model();
  model.quantization.layers["conv1"] = {.low = -2, .high = 2.5f};
  model.quantization.layers["conv_dw_1"] = {.low = 0, .high = 6, .bias = std::vector<float>(32, .25f)};
  model.quantization.temperature = .875f;
  model.quantization.data["name"] = "ferplus";
  return model;
}

TEST(QuantizedModel, ComesBackAsItWas) {
  const TemporaryFolder folder;
  save_model(folder / "model", quantized_model());
  const auto read = load_model(folder / "model");
  ASSERT_EQ(read.quantization.layers.size(), 2u);
  const auto &first = read.quantization.layers.at("conv1"),
             &second = read.quantization.layers.at("conv_dw_1");
  EXPECT_EQ(first.low, -2);
  EXPECT_EQ(first.high, 2.5f);
  EXPECT_TRUE(first.bias.empty());
  EXPECT_EQ(second.bias, std::vector<float>(32, .25f));
  EXPECT_EQ(read.quantization.temperature, .875f);
  EXPECT_EQ(read.quantization.data, (Json{{"name", "ferplus"}}));
  EXPECT_EQ(read.weights.size(), quantized_model().weights.size());
  expect_quantized(read);
  EXPECT_THAT(error_of([] { expect_quantized(made_model()); }),
              HasSubstr("made: model has no ranges for 8-bit integers; expected a quantized model; `regard "
                        "quantize` makes one"));
  EXPECT_FALSE(describe_model(made_model()).contains("int8"));
}

TEST(QuantizedModel, RefusesWhatDoesNotFitTheNetwork) {
  const TemporaryFolder folder;
  const auto error_with = [&](const std::function<void(Quantization&)>& change) {
    auto model = quantized_model();
    change(model.quantization);
    return error_of([&] { save_model(folder / "model", model); });
  };
  EXPECT_EQ(error_with([](Quantization&) {}), "");
  EXPECT_THAT(error_with([](auto& q) { q.layers["fc"] = {.low = 0, .high = 1}; }),
              HasSubstr("quantized layer is no convolution of the network; got fc"));
  EXPECT_THAT(error_with([](auto& q) { q.layers["conv1"].high = 0; }),
              HasSubstr("int8/conv1/range: range of a quantized layer is wrong"));
  EXPECT_THAT(
      error_with([](auto& q) { q.layers["conv1"].bias = {1}; }),
      HasSubstr("int8/conv1/bias: bias of a quantized layer is wrong; expected 32 finite numbers, got 1"));
  EXPECT_THAT(error_with([](auto& q) { q.temperature = 0; }), HasSubstr("int8: temperature is out of range"));
}

TEST(QuantizedModel, RefusesTensorsOfNoLayer) {
  const TemporaryFolder folder;
  save_model(folder / "model", quantized_model());
  const auto file = TensorFile::open(folder / "model");
  std::map<std::string, TensorView> tensors(file.tensors().begin(), file.tensors().end());
  tensors["int8/conv2/bias"] = tensors.at("int8/conv_dw_1/bias");
  write_tensor_file(folder / "other", file.metadata(), tensors);
  EXPECT_THAT(error_of([&] { load_model(folder / "other"); }),
              HasSubstr("int8/conv2/bias: tensor belongs to no quantized layer"));
}

TEST(QuantizedModel, AnEnsembleHasTheLayersOfItsMembers) {
  const std::vector<Model> both{quantized_model(), made_model()};
  const auto joined = ensemble_of("both", both);
  EXPECT_EQ(joined.quantization.layers.size(), 2u);
  EXPECT_EQ(joined.quantization.layers.at("member_1.conv1").low, -2);
}

/// A model file to be modified by tests.
class ModelFile : public testing::Test {
 protected:
  using Tensors = std::map<std::string, TensorView>;

  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    save_model(*folder_ / "good", made_model());
  }
  static void TearDownTestSuite() { delete folder_; }

  std::filesystem::path path() const { return *folder_ / "good"; }
  std::filesystem::path other() const { return *folder_ / "other"; }

  /// The error for the valid file with changed tensors.
  std::string error_with(const std::function<void(Tensors&)>& change) const {
    const auto file = TensorFile::open(path());
    Tensors tensors(file.tensors().begin(), file.tensors().end());
    change(tensors);
    write_tensor_file(other(), file.metadata(), tensors);
    return error_of([&] { load_model(other()); });
  }

  /// The error for the valid file with changed metadata.
  std::string error_with_text(const std::function<void(Json&)>& change) const {
    const auto file = TensorFile::open(path());
    auto json = Json::parse(file.metadata().at("regard"));
    change(json);
    write_tensor_file(other(), {{"regard", json.dump()}}, {file.tensors().begin(), file.tensors().end()});
    return error_of([&] { load_model(other()); });
  }

  static inline TemporaryFolder* folder_ = nullptr;
};

TEST_F(ModelFile, ComesBackAsItWas) {
  const auto made = made_model(), read = load_model(path());
  EXPECT_EQ(read.name, "made");
  EXPECT_EQ(read.network.name, "plain");
  EXPECT_EQ(read.network.options, made.network.options);
  EXPECT_EQ(read.network.classes, 8);
  EXPECT_EQ(read.network.chip_size, 48);
  EXPECT_EQ(read.network.temperature, 1.25f);
  EXPECT_EQ(read.prior, made_model().prior);
  EXPECT_EQ(read.labels, made.labels);
  EXPECT_EQ(read.landmarks, made.landmarks);
  EXPECT_EQ(read.recipe, made.recipe);
  EXPECT_EQ(read.data, made.data);
  EXPECT_EQ(read.results, made.results);
  EXPECT_EQ(read.licence, "Apache-2.0");
  EXPECT_EQ(read.source, "nowhere");
  EXPECT_EQ(read.hash(), sha256(map_file(path()).bytes));
  ASSERT_EQ(read.weights.size(), made.weights.size());
  for (const auto& [name, weight] : made.weights) {
    EXPECT_EQ(read.weights.at(name).shape, weight.shape);
    EXPECT_EQ(read.weights.at(name).values, weight.values) << name;
  }
}

TEST_F(ModelFile, HalvesKernelsButNotVectors) {
  auto made = made_model();
  made.weights.at("conv1_bn.running_var").values[0] = 1e-9f;
  save_model(other(), made, DType::f16);
  const auto file = TensorFile::open(other());
  EXPECT_EQ(file.at("conv1.weight").dtype, DType::f16);
  EXPECT_EQ(file.at("conv1_bn.running_var").dtype, DType::f32);
  EXPECT_LT(std::filesystem::file_size(other()), std::filesystem::file_size(path()) * .55);
  const auto read = load_model(other());
  EXPECT_EQ(read.weights.at("conv1_bn.running_var").values[0], 1e-9f);
  for (const auto& [name, weight] : made.weights)
    for (std::size_t i = 0; i < weight.values.size(); ++i) {
      const float value = weight.values[i];
      ASSERT_NEAR(read.weights.at(name).values[i], value, std::abs(value) * 0x1p-11f + 0x1p-25f) << name;
    }
}

TEST_F(ModelFile, IsReadFromMemoryToo) {
  const auto mapped = map_file(path());
  EXPECT_EQ(load_model(TensorFile::parse(mapped.bytes, "memory")).hash(), load_model(path()).hash());
}

TEST_F(ModelFile, HashIsThatOfTheFileThatWasRead) {
  auto made = made_model();
  save_model(other(), made);
  const auto expected = sha256(map_file(other()).bytes);
  const auto read = load_model(other());
  made.name = "another";
  save_model(other(), made);
  EXPECT_NE(sha256(map_file(other()).bytes), expected);
  EXPECT_EQ(read.hash(), expected) << "the file was replaced";
  const auto again = load_model(other());
  std::ofstream(other(), std::ios::app) << "x";
  EXPECT_THAT(error_of([&] { again.hash(); }), AllOf(HasSubstr("other"), HasSubstr("was written to")));
  EXPECT_EQ(made.hash(), "");
}

TEST_F(ModelFile, WeightsAreChecked) {
  const std::vector<float> numbers(256, std::numeric_limits<float>::quiet_NaN());
  const auto bytes = [&](std::size_t count) { return std::as_bytes(std::span(numbers).first(count)); };
  EXPECT_EQ(error_with([](Tensors&) {}), "");
  EXPECT_THAT(error_with([](Tensors& t) { t.erase("fc.bias"); }),
              AllOf(HasSubstr("other"), HasSubstr("'fc.bias' is missing")));
  EXPECT_THAT(error_with([&](Tensors& t) {
                t["extra"] = {DType::f32, {1}, bytes(1)};
              }),
              HasSubstr("'extra'"));
  EXPECT_THAT(error_with([&](Tensors& t) {
                t["fc.bias"] = {DType::f32, {9}, bytes(9)};
              }),
              AllOf(HasSubstr("fc.bias"), HasSubstr("[8]"), HasSubstr("[9]")));
  EXPECT_THAT(error_with([&](Tensors& t) { t["fc.bias"].bytes = bytes(8); }),
              AllOf(HasSubstr("fc.bias"), HasSubstr("finite")));
  EXPECT_THAT(error_with([&](Tensors& t) {
                t["fc.bias"] = {DType::u8, {8}, bytes(2)};
              }),
              AllOf(HasSubstr("fc.bias"), HasSubstr("U8")));
}

TEST_F(ModelFile, MetadataAreChecked) {
  EXPECT_EQ(error_with_text([](Json&) {}), "");
  EXPECT_THAT(error_with_text([](Json& j) { j["network"]["name"] = "plane"; }), HasSubstr("plane"));
  EXPECT_THAT(error_with_text([](Json& j) { j["network"]["options"]["input"] = 160; }), HasSubstr("'input'"));
  EXPECT_THAT(error_with_text([](Json& j) { j["network"]["options"] = 1; }), HasSubstr("options"));
  EXPECT_THAT(error_with_text([](Json& j) { j["network"].erase("name"); }), HasSubstr("name"));
  EXPECT_THAT(error_with_text([](Json& j) { j["network"]["sort"] = 1; }), HasSubstr("sort"));
  EXPECT_THAT(error_with_text([](Json& j) { j.erase("network"); }), HasSubstr("network's name is missing"));
  EXPECT_THAT(error_with_text([](Json& j) { j["licens"] = "x"; }), HasSubstr("did you mean 'licence'"));
  EXPECT_THAT(error_with_text([](Json& j) { j["labels"].erase(0); }), HasSubstr("fc.weight"));
  EXPECT_THAT(error_with_text([](Json& j) { j["labels"] = Json::array(); }), HasSubstr("labels"));
  EXPECT_THAT(error_with_text([](Json& j) { j["labels"][1] = "neutral"; }), HasSubstr("labels"));
  EXPECT_THAT(error_with_text([](Json& j) { j["temperature"] = 0; }), HasSubstr("temperature"));
  EXPECT_THAT(error_with_text([](Json& j) { j["temperature"] = "hot"; }), HasSubstr("temperature"));
  EXPECT_THAT(error_with_text([](Json& j) { j["prior"] = {.5, .5}; }), HasSubstr("prior is wrong"));
  EXPECT_THAT(error_with_text([](Json& j) { j["prior"][7] = 0; }), HasSubstr("with the sum 1"));
  EXPECT_THAT(error_with_text([](Json& j) { j["chip"]["size"] = 0; }), HasSubstr("chip"));
  EXPECT_THAT(error_with_text([](Json& j) { j["chip"]["size"] = 1'000'000; }), HasSubstr("chip"));
  EXPECT_THAT(error_with_text([](Json& j) { j["chip"]["landmarks"].erase(0); }), HasSubstr("landmarks"));
  EXPECT_THAT(error_with_text([](Json& j) { j["results"] = 1; }), HasSubstr("results"));
  EXPECT_THAT(error_with_text([](Json& j) { j = 1; }), HasSubstr("an object"));
}

TEST_F(ModelFile, OtherTensorFilesAreNoModels) {
  write_tensor_file(other(), {{"format", "pt"}}, {});
  EXPECT_THAT(error_of([&] { load_model(other()); }), AllOf(HasSubstr("other"), HasSubstr("not a model")));
  write_tensor_file(other(), {{"regard", "{"}}, {});
  EXPECT_THAT(error_of([&] { load_model(other()); }), HasSubstr("JSON"));
}

TEST_F(ModelFile, OnlyGoodModelsAreWritten) {
  const auto after = [&](auto&& change, DType type = DType::f32) {
    auto model = made_model();
    change(model);
    return error_of([&] { save_model(*folder_ / "never", model, type); });
  };
  EXPECT_THAT(after([](Model& m) { m.weights.erase("fc.bias"); }), HasSubstr("'fc.bias' is missing"));
  EXPECT_THAT(after([](Model& m) { m.labels.pop_back(); }), HasSubstr("does not fit the labels"));
  EXPECT_THAT(after([](Model& m) { m.landmarks.pop_back(); }), HasSubstr("landmarks are wrong"));
  EXPECT_THAT(after([](Model& m) { m.network.temperature = std::numeric_limits<float>::quiet_NaN(); }),
              HasSubstr("temperature is out of range"));
  EXPECT_THAT(after([](Model& m) { m.weights.at("fc.weight").values[0] = 7e4f; }, DType::f16),
              HasSubstr("fc.weight"));
  EXPECT_THAT(after([](Model&) {}, DType::bf16), HasSubstr("BF16"));
  EXPECT_THAT(after([](Model& m) { m.name = "\xff"; }), AllOf(HasSubstr("never"), HasSubstr("UTF-8")));
  EXPECT_THAT(after([](Model& m) { m.labels[0] = m.labels[1] = "\xff"; }), HasSubstr("labels"));
  EXPECT_FALSE(std::filesystem::exists(*folder_ / "never"));
}

TEST_F(ModelFile, SaysWhetherItsClassifierIsTrained) {
  EXPECT_TRUE(load_model(path()).trained);
  EXPECT_EQ(error_of([&] { expect_trained(load_model(path())); }), "");
  EXPECT_EQ(error_with_text([](Json& j) { j.erase("trained"); }), "");
  EXPECT_TRUE(load_model(other()).trained) << "as files from before this entry are";
  auto untrained = made_model();
  untrained.trained = false;
  save_model(other(), untrained);
  const auto read = load_model(other());
  EXPECT_FALSE(read.trained);
  EXPECT_THAT(error_of([&] { expect_trained(read); }),
              AllOf(HasSubstr("made: classifier is untrained"), HasSubstr("`regard train`")));
  const std::vector<Model> models{made_model(), read};
  EXPECT_THAT(error_of([&] { ensemble_of("both", models); }), HasSubstr("classifier is untrained"));
}

}  // namespace
}  // namespace regard

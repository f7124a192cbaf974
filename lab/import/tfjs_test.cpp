#include "lab/import/tfjs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "regard/core/file.h"
#include "regard/core/labels.h"
#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using test::TemporaryFolder;
using testing::AllOf;
using testing::HasSubstr;

/// Some number for every place of every tensor, never the same for neighbours.
float made_value(std::string_view name, std::size_t index) {
  std::size_t hash = 17;
  for (const char letter : name) hash = hash * 31 + static_cast<unsigned char>(letter);
  return static_cast<float>((hash + index * 7919) % 20011) / 20011 - .4f;
}

/// A model in the layout of faceres-deep: its JSON, and the bytes of two shards.
struct MadeModel {
  Json json;
  std::string bytes;

  MadeModel() {
    json["format"] = "graph-model";
    json["generatedBy"] = "HSE_FaceRec_tf";
    json["weightsManifest"] = Json::array({{{"paths", {"a.bin", "b.bin"}}, {"weights", Json::array()}}});
    add("feats/bias", {3});
    add("conv1/convolution/merged_input", {3, 3, 3, 32});
    add("conv1_bn/batchnorm_1/sub", {32});
    std::int64_t in = 32;
    int number = 1;
    for (const std::int64_t out : {64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024}) {
      const auto id = std::to_string(number++);
      add("conv_dw_" + id + "/depthwise_kernel", {3, 3, in, 1});
      add("conv_dw_" + id + "_bn/batchnorm_1/mul", {in});
      add("conv_dw_" + id + "_bn/batchnorm_1/sub", {in});
      add("conv_dw_" + id + "_relu/Cast", {});
      add("conv_pw_" + id + "/convolution/merged_input", {1, 1, in, out});
      add("conv_pw_" + id + "_bn/batchnorm_1/sub", {out});
      in = out;
    }
    add("global_pooling/Mean/reduction_indices", {2}, "int32");
  }

  void add(const std::string& name, const Shape& shape, const char* type = "float32") {
    weights().push_back({{"name", name}, {"shape", shape}, {"dtype", type}});
    for (std::int64_t i = 0; i < element_count(shape); ++i) {
      const float value = made_value(name, static_cast<std::size_t>(i));
      bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
    }
  }

  Json& weights() { return json["weightsManifest"][0]["weights"]; }
  Json& weight(const std::string& name) {
    for (auto& weight : weights())
      if (weight["name"] == name) return weight;
    throw Error("no such weight", name);
  }

  std::filesystem::path write(const TemporaryFolder& folder) const {
    constexpr std::size_t kFirst = 4 * 1001 + 1;  // a number may lie in two shards
    write_text_atomically(folder / "a.bin", std::string_view(bytes).substr(0, kFirst));
    write_text_atomically(folder / "b.bin", std::string_view(bytes).substr(kFirst));
    write_text_atomically(folder / "made.json", json.dump());
    return folder / "made.json";
  }
};

std::string error_after(const std::function<void(MadeModel&)>& change) {
  const TemporaryFolder folder;
  MadeModel made;
  change(made);
  const auto path = made.write(folder);
  return error_of([&] { import_tfjs(path); });
}

TEST(ImportTfjs, PutsEveryNumberInItsPlace) {
  const TemporaryFolder folder;
  const auto model = import_tfjs(MadeModel().write(folder));
  const auto at = [&](const char* name, std::size_t index) {
    return model.weights.at(name).values.at(index);
  };
  const float root = std::sqrt(1.001f);

  for (std::size_t o : {0, 5, 31})
    for (std::size_t i : {0, 1, 2})
      for (std::size_t p = 0; p < 9; ++p)  // blue, green, red there; red, green, blue here
        EXPECT_EQ(at("conv1.weight", (o * 3 + i) * 9 + p),
                  made_value("conv1/convolution/merged_input", (p * 3 + 2 - i) * 32 + o));
  for (std::size_t o : {0, 77, 127})
    for (std::size_t i : {0, 3, 127})
      EXPECT_EQ(at("conv_pw_3.weight", o * 128 + i),
                made_value("conv_pw_3/convolution/merged_input", i * 128 + o));
  for (std::size_t c : {0, 9, 255})
    for (std::size_t p = 0; p < 9; ++p)
      EXPECT_EQ(at("conv_dw_6.weight", c * 9 + p), made_value("conv_dw_6/depthwise_kernel", p * 256 + c));
  for (std::size_t c : {0, 9, 255}) {
    EXPECT_EQ(at("conv_dw_6_bn.bias", c), made_value("conv_dw_6_bn/batchnorm_1/sub", c));
    EXPECT_NEAR(at("conv_dw_6_bn.weight", c), made_value("conv_dw_6_bn/batchnorm_1/mul", c) * root, 1e-6f);
    EXPECT_EQ(at("conv_pw_5_bn.bias", c), made_value("conv_pw_5_bn/batchnorm_1/sub", c));
    EXPECT_NEAR(at("conv_pw_5_bn.weight", c), root, 1e-6f);
    EXPECT_EQ(at("conv_pw_5_bn.running_mean", c), 0);
    EXPECT_EQ(at("conv_pw_5_bn.running_var", c), 1);
  }
  EXPECT_EQ(at("conv1_bn.bias", 31), made_value("conv1_bn/batchnorm_1/sub", 31));
}

TEST(ImportTfjs, IsAModelToTrainFrom) {
  const TemporaryFolder folder;
  const auto model = import_tfjs(MadeModel().write(folder));
  EXPECT_EQ(model.name, "made");
  EXPECT_FALSE(model.trained);
  EXPECT_EQ(model.licence, "Apache-2.0");
  EXPECT_THAT(model.source, AllOf(HasSubstr("made.json"), HasSubstr("HSE_FaceRec_tf")));
  EXPECT_TRUE(
      std::equal(model.labels.begin(), model.labels.end(), kFerplusLabels.begin(), kFerplusLabels.end()));
  EXPECT_EQ(model.network.options["normalize"]["mean"], Json::parse("[123.68, 116.779, 103.939]"));
  EXPECT_EQ(model.network.options["normalize"]["grey"], true);
  EXPECT_EQ(model.network.options["input_size"], 160);
  const auto specs = describe_network(model.network).parameters();
  EXPECT_EQ(model.weights.at("fc.weight").values, initial_weights(specs, 0).at("fc.weight").values);
  save_model(folder / "start.safetensors", model);
  EXPECT_EQ(load_model(folder / "start.safetensors").weights.at("conv1.weight").values,
            model.weights.at("conv1.weight").values);
}

TEST(ImportTfjs, DamagedFilesAreErrors) {
  EXPECT_THAT(error_after([](MadeModel& m) { m.bytes.pop_back(); }),
              AllOf(HasSubstr("too short"), HasSubstr("global_pooling")));
  EXPECT_THAT(error_after([](MadeModel& m) { m.bytes.resize(100'000); }), HasSubstr("too short"));
  EXPECT_THAT(error_after([](MadeModel& m) { m.bytes += "x"; }), HasSubstr("longer"));
  EXPECT_THAT(error_after([](MadeModel& m) { m.json["weightsManifest"][0]["paths"][1] = "c.bin"; }),
              AllOf(HasSubstr("c.bin"), HasSubstr("No such file")));
  EXPECT_THAT(error_after([](MadeModel& m) { m.json["weightsManifest"][0]["paths"][1] = "../b.bin"; }),
              HasSubstr("../b.bin"));
  EXPECT_THAT(error_after([](MadeModel& m) { m.json["weightsManifest"][0]["paths"][1] = 7; }),
              HasSubstr("7"));
  EXPECT_THAT(error_after([](MadeModel& m) { m.json.erase("weightsManifest"); }),
              HasSubstr("weightsManifest"));
  EXPECT_THAT(error_after([](MadeModel& m) { m.json = Json::array(); }),
              HasSubstr("not a TensorFlow.js model"));
  EXPECT_THAT(error_after([](MadeModel& m) { m.json["format"] = "layers-model"; }),
              HasSubstr("layers-model"));
}

TEST(ImportTfjs, WhatStandsInAFilesPlaceIsCalledByItsName) {
  const TemporaryFolder folder;
  const auto path = MadeModel().write(folder);
  write_text_atomically(folder / "b.bin", "version https://git-lfs.github.com/spec/v1\n");
  EXPECT_THAT(error_of([&] { import_tfjs(path); }),
              AllOf(HasSubstr("b.bin"), HasSubstr("a Git LFS pointer")));
  write_text_atomically(path, "<!DOCTYPE html>");
  EXPECT_THAT(error_of([&] { import_tfjs(path); }), HasSubstr("expected a JSON file, got an HTML page"));
}

TEST(ImportTfjs, OtherNetworksAreErrors) {
  const std::string kernel = "conv_pw_2/convolution/merged_input";
  EXPECT_THAT(error_after([&](MadeModel& m) { m.weight(kernel)["name"] = "other"; }),
              AllOf(HasSubstr(kernel), HasSubstr("missing"), HasSubstr("[1, 1, 64, 128]")));
  EXPECT_THAT(error_after([&](MadeModel& m) {
                m.weight(kernel)["shape"] = {1, 1, 128, 64};
              }),
              AllOf(HasSubstr(kernel), HasSubstr("[1, 1, 64, 128]"), HasSubstr("[1, 1, 128, 64]")));
  EXPECT_THAT(error_after([&](MadeModel& m) {
                m.weight(kernel)["shape"] = {1, 1, -64, 128};
              }),
              HasSubstr("-64"));
  EXPECT_THAT(error_after([&](MadeModel& m) { m.weight(kernel)["dtype"] = "float16"; }),
              AllOf(HasSubstr(kernel), HasSubstr("float16")));
  EXPECT_THAT(error_after([&](MadeModel& m) {
                m.weight(kernel)["quantization"] = {{"dtype", "uint8"}};
              }),
              AllOf(HasSubstr(kernel), HasSubstr("quantised")));
}

TEST(ImportTfjs, AMissingFileIsAnError) {
  EXPECT_THAT(error_of([] { import_tfjs("/nowhere/model.json"); }), HasSubstr("/nowhere/model.json"));
}

}  // namespace
}  // namespace regard

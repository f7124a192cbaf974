#include "lab/import/onnx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <protozero/pbf_builder.hpp>

#include "regard/core/file.h"
#include "regard/model/onnx_messages.h"
#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using testing::ElementsAre;
using testing::HasSubstr;

/// A file that is made tensor by tensor.
class ImportOnnx : public testing::Test {
 protected:
  template <class Fields>
  using Message = protozero::pbf_builder<Fields>;

  /// Adds a tensor; `fill` adds what else it has.
  template <class Fill>
  void add(const std::string& name, onnx::DataType type, const Shape& shape, Fill fill) {
    Message<onnx::Tensor> tensor(graph_, onnx::Graph::initializer);
    for (const auto size : shape) tensor.add_int64(onnx::Tensor::dims, size);
    tensor.add_int32(onnx::Tensor::data_type, static_cast<std::int32_t>(type));
    tensor.add_string(onnx::Tensor::name, name);
    fill(tensor);
  }

  void add_bytes(const std::string& name, onnx::DataType type, const Shape& shape, const std::string& bytes) {
    add(name, type, shape, [&](auto& tensor) { tensor.add_bytes(onnx::Tensor::raw_data, bytes); });
  }

  template <class T>
  void add_raw(const std::string& name, onnx::DataType type, const std::vector<T>& values) {
    add_bytes(name, type, {static_cast<std::int64_t>(values.size())},
              {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)});
  }

  std::string bytes() const {
    std::string bytes;
    Message<onnx::Model> model(bytes);
    model.add_int64(onnx::Model::ir_version, 8);
    model.add_message(onnx::Model::graph, graph_bytes_);
    return bytes;
  }

  ForeignTensors read() const {
    write_text_atomically(folder_ / "made.onnx", bytes());
    return read_onnx_file(folder_ / "made.onnx");
  }

  std::string graph_bytes_;
  Message<onnx::Graph> graph_{graph_bytes_};
  const test::TemporaryFolder folder_;
};

TEST_F(ImportOnnx, FloatingPointOfEverySize) {
  add_raw<float>("f32", onnx::DataType::f32, {1.5f, -2});
  add_raw<double>("f64", onnx::DataType::f64, {0.25});
  add_raw<std::uint16_t>("f16", onnx::DataType::f16, {to_f16(1.5f), to_f16(-2)});
  add_raw<std::uint16_t>("bf16", onnx::DataType::bf16, {0x3fc0});
  const std::vector<float> packed{3, 4};
  add("packed", onnx::DataType::f32, {2, 1},
      [&](auto& tensor) { tensor.add_packed_float(onnx::Tensor::float_data, packed.begin(), packed.end()); });
  add("numbers", onnx::DataType::f32, {2}, [&](auto& tensor) {
    for (const auto number : packed) tensor.add_float(onnx::Tensor::float_data, number);
  });
  const auto tensors = read();
  ASSERT_EQ(tensors.size(), 6u);
  EXPECT_THAT(tensors.at("f32").values(), ElementsAre(1.5f, -2));
  EXPECT_THAT(tensors.at("f64").values(), ElementsAre(.25f));
  EXPECT_THAT(tensors.at("f16").values(), ElementsAre(1.5f, -2));
  EXPECT_THAT(tensors.at("bf16").values(), ElementsAre(1.5f));
  EXPECT_EQ(tensors.at("packed").shape, (Shape{2, 1}));
  EXPECT_THAT(tensors.at("packed").values(), ElementsAre(3, 4));
  EXPECT_THAT(tensors.at("numbers").values(), ElementsAre(3, 4));
}

TEST_F(ImportOnnx, WhatCannotBeReadIsAnErrorWhenItIsWanted) {
  add_raw<std::int64_t>("shape", onnx::DataType::i64, {1, 2});
  add_bytes("short", onnx::DataType::f32, {3}, "12345678");
  add_bytes("cut", onnx::DataType::f32, {2}, "1234567");
  add("none", onnx::DataType::f32, {2}, [](auto&) {});
  const auto tensors = read();
  const auto error = [&](const char* name) { return error_of([&] { tensors.at(name).values(); }); };
  EXPECT_THAT(error("shape"),
              HasSubstr("made.onnx: shape: tensor has an element type that is no floating point"));
  EXPECT_THAT(error("short"), HasSubstr("expected 3, got 2"));
  EXPECT_THAT(error("cut"), HasSubstr("other than its shape's elements"));
  EXPECT_THAT(error("none"), HasSubstr("expected 2, got 0"));
}

TEST_F(ImportOnnx, AShapeThatCannotBeIsAnError) {
  add("turned", onnx::DataType::f32, {-1, 2}, [](auto&) {});
  EXPECT_THAT(error_of([&] { read().at("turned").values(); }), HasSubstr("negative"));
}

TEST_F(ImportOnnx, WeightsBesideTheFileAreAnError) {
  add("far", onnx::DataType::f32, {2}, [](auto& tensor) {
    tensor.add_enum(onnx::Tensor::data_location, static_cast<int>(onnx::DataLocation::elsewhere));
  });
  EXPECT_THAT(error_of([&] { read(); }), HasSubstr("far: tensor lies in another file"));
}

TEST_F(ImportOnnx, DamagedAnywhereIsAnErrorOrTensors) {
  add_raw<float>("w", onnx::DataType::f32, {1.5f, -2});
  const auto whole = bytes();
  const auto error_of_bytes = [](const std::string& bytes) {
    return error_of([&] {
      for (const auto& [name, tensor] : read_onnx(std::as_bytes(std::span(bytes)), nullptr, "made"))
        tensor.values();
    });
  };
  EXPECT_EQ(error_of_bytes(whole), "");
  for (std::size_t length = 3; length < whole.size(); ++length)
    EXPECT_THAT(error_of_bytes(whole.substr(0, length)), HasSubstr("ONNX file")) << length;
  for (std::size_t place = 0; place < whole.size(); ++place)
    for (const int flipped : {1, 0x80, 0xff}) {
      auto changed = whole;
      changed[place] = static_cast<char>(changed[place] ^ flipped);
      error_of_bytes(changed);
    }
}

TEST_F(ImportOnnx, AnotherFileIsAnError) {
  std::ofstream(folder_ / "text.onnx") << "no ONNX at all";
  EXPECT_THAT(error_of([&] { read_onnx_file(folder_ / "text.onnx"); }), HasSubstr("not an ONNX file"));
  std::ofstream(folder_ / "empty.onnx").flush();
  EXPECT_THAT(error_of([&] { read_onnx_file(folder_ / "empty.onnx"); }), HasSubstr("not an ONNX file"));
}

}  // namespace
}  // namespace regard

#include "lab/import/onnx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <fstream>

#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using testing::ElementsAre;
using testing::HasSubstr;

/// A file that is made tensor by tensor.
class ImportOnnx : public testing::Test {
 protected:
  onnx::TensorProto& add(const std::string& name, int type, const Shape& shape) {
    auto& tensor = *model_.mutable_graph()->add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(type);
    tensor.mutable_dims()->Add(shape.begin(), shape.end());
    return tensor;
  }

  template <class T>
  void add_raw(const std::string& name, int type, const std::vector<T>& values) {
    add(name, type, {static_cast<std::int64_t>(values.size())})
        .set_raw_data(values.data(), values.size() * sizeof(T));
  }

  ForeignTensors read() {
    std::ofstream(folder_ / "made.onnx", std::ios::binary) << model_.SerializeAsString();
    return read_onnx_file(folder_ / "made.onnx");
  }

  onnx::ModelProto model_;
  const test::TemporaryFolder folder_;
};

TEST_F(ImportOnnx, FloatingPointOfEverySize) {
  add_raw<float>("f32", onnx::TensorProto::FLOAT, {1.5f, -2});
  add_raw<double>("f64", onnx::TensorProto::DOUBLE, {0.25});
  add_raw<std::uint16_t>("f16", onnx::TensorProto::FLOAT16, {to_f16(1.5f), to_f16(-2)});
  add_raw<std::uint16_t>("bf16", onnx::TensorProto::BFLOAT16, {0x3fc0});
  auto& numbers = add("numbers", onnx::TensorProto::FLOAT, {2, 1});
  numbers.add_float_data(3), numbers.add_float_data(4);
  const auto tensors = read();
  ASSERT_EQ(tensors.size(), 5u);
  EXPECT_THAT(tensors.at("f32").values(), ElementsAre(1.5f, -2));
  EXPECT_THAT(tensors.at("f64").values(), ElementsAre(.25f));
  EXPECT_THAT(tensors.at("f16").values(), ElementsAre(1.5f, -2));
  EXPECT_THAT(tensors.at("bf16").values(), ElementsAre(1.5f));
  EXPECT_EQ(tensors.at("numbers").shape, (Shape{2, 1}));
  EXPECT_THAT(tensors.at("numbers").values(), ElementsAre(3, 4));
}

TEST_F(ImportOnnx, WhatCannotBeReadIsAnErrorWhenItIsWanted) {
  add_raw<std::int64_t>("shape", onnx::TensorProto::INT64, {1, 2});
  add("short", onnx::TensorProto::FLOAT, {3}).set_raw_data("12345678");
  add("cut", onnx::TensorProto::FLOAT, {2}).set_raw_data("1234567");
  add("none", onnx::TensorProto::FLOAT, {2});
  const auto tensors = read();
  const auto error = [&](const char* name) { return error_of([&] { tensors.at(name).values(); }); };
  EXPECT_THAT(error("shape"),
              HasSubstr("made.onnx: shape: tensor has an element type that is no floating point"));
  EXPECT_THAT(error("short"), HasSubstr("expected 3, got 2"));
  EXPECT_THAT(error("cut"), HasSubstr("other than its shape's elements"));
  EXPECT_THAT(error("none"), HasSubstr("expected 2, got 0"));
}

TEST_F(ImportOnnx, AShapeThatCannotBeIsAnError) {
  add("turned", onnx::TensorProto::FLOAT, {-1, 2});
  EXPECT_THAT(error_of([&] { read().at("turned").values(); }), HasSubstr("negative"));
}

TEST_F(ImportOnnx, WeightsBesideTheFileAreAnError) {
  add("far", onnx::TensorProto::FLOAT, {2}).set_data_location(onnx::TensorProto::EXTERNAL);
  EXPECT_THAT(error_of([&] { read(); }), HasSubstr("far: tensor lies in another file"));
}

TEST_F(ImportOnnx, AnotherFileIsAnError) {
  std::ofstream(folder_ / "text.onnx") << "no ONNX at all";
  EXPECT_THAT(error_of([&] { read_onnx_file(folder_ / "text.onnx"); }), HasSubstr("not an ONNX file"));
  std::ofstream(folder_ / "empty.onnx").flush();
  EXPECT_THAT(error_of([&] { read_onnx_file(folder_ / "empty.onnx"); }), HasSubstr("not an ONNX file"));
}

}  // namespace
}  // namespace regard

#include "regard/server/tensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support.h"

namespace regard {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

/// A request with `binary` after its JSON.
HttpRequest infer_body(const std::string& json, const std::string& binary = {}) {
  return {.fields = {{"Inference-Header-Content-Length", std::to_string(json.size())}},
          .body = json + binary};
}

std::string wrong_input(const std::string& input, const std::string& binary = {}) {
  return test::error_of([&] { parse_infer_request(infer_body(R"({"inputs":[)" + input + "]}", binary)); });
}

TEST(TensorsTest, InputsAreJsonOrBinary) {
  const auto request = parse_infer_request(infer_body(
      R"({"id":"7","inputs":[{"name":"a","datatype":"UINT8","shape":[2,2],"data":[[1,2],[3,255]]},
          {"name":"b","datatype":"BYTES","shape":[2],"parameters":{"binary_data_size":11}},
          {"name":"c","datatype":"BYTES","shape":[1],"data":["aGk="]},
          {"name":"d","datatype":"UINT8","shape":[0],"parameters":{"binary_data_size":0}}],
          "outputs":[{"name":"x","parameters":{"binary_data":true}},{"name":"y"}]})",
      std::string("\2\0\0\0hi\1\0\0\0!", 11)));
  EXPECT_EQ(request.id, "7");
  EXPECT_EQ(request.inputs[0].bytes, "\1\2\3\xff");
  EXPECT_THAT(request.inputs[1].texts, ElementsAre("hi", "!"));
  EXPECT_THAT(request.inputs[2].texts, ElementsAre("hi"));
  EXPECT_EQ(request.inputs[3].bytes, "");
  EXPECT_TRUE(request.outputs[0].binary);
  EXPECT_FALSE(request.outputs[1].binary);
}

TEST(TensorsTest, WrongInputsAreSaidToBe) {
  EXPECT_THAT(wrong_input("1"), HasSubstr("no object"));
  EXPECT_THAT(wrong_input(R"({"name":1})"), HasSubstr("input: name"));
  EXPECT_THAT(wrong_input(R"({"name":"a","datatype":"INT4","shape":[]})"),
              HasSubstr("UINT8, FP32 or BYTES, got INT4"));
  EXPECT_THAT(wrong_input(R"({"name":"a","datatype":"UINT8","shape":[-1],"data":[]})"),
              HasSubstr("negative"));
  EXPECT_THAT(wrong_input(R"({"name":"a","datatype":"UINT8","shape":[4294967296,4294967296],"data":[]})"),
              HasSubstr("too large"));
  EXPECT_THAT(wrong_input(R"({"name":"a","datatype":"UINT8","shape":[2],"data":[1]})"),
              HasSubstr("expected 2 elements, got 1"));
  EXPECT_THAT(wrong_input(R"({"name":"a","datatype":"UINT8","shape":[1],"data":[256]})"),
              HasSubstr("0 to 255, got 256"));
  EXPECT_THAT(wrong_input(R"({"name":"a","datatype":"UINT8","shape":[1],"data":[[[[[[[[[1]]]]]]]]]})"),
              HasSubstr("nests"));
  EXPECT_THAT(
      wrong_input(R"({"name":"a","datatype":"UINT8","shape":[2],"parameters":{"binary_data_size":2}})", "x"),
      HasSubstr("too few bytes; expected 2, got 1"));
  EXPECT_THAT(
      wrong_input(R"({"name":"a","datatype":"UINT8","shape":[1],"parameters":{"binary_data_size":1}})", "xy"),
      HasSubstr("belong to no input"));
  EXPECT_THAT(
      wrong_input(R"({"name":"a","datatype":"BYTES","shape":[1],"parameters":{"binary_data_size":6}})",
                  std::string("\7\0\0\0hi", 6)),
      HasSubstr("too few bytes"));
  EXPECT_THAT(test::error_of([] {
                parse_infer_request({.fields = {{"Inference-Header-Content-Length", "3"}}, .body = "{}"});
              }),
              HasSubstr("at most 2, got 3"));
}

TEST(TensorsTest, TensorsAreHeldToTheirSpecification) {
  const TensorSpec spec{"chips", "UINT8", {-1, 48, 48, 3}};
  check_tensor({.name = "chips", .datatype = "UINT8", .shape = {7, 48, 48, 3}}, spec);
  EXPECT_THAT(test::error_of([&] {
                check_tensor({.name = "chips", .datatype = "UINT8", .shape = {7, 48, 48}}, spec);
              }),
              AllOf(HasSubstr("chips UINT8 [-1,48,48,3]"), HasSubstr("chips UINT8 [7,48,48]")));
  EXPECT_NE(test::error_of([&] {
              check_tensor({.name = "chips", .datatype = "FP32", .shape = {7, 48, 48, 3}}, spec);
            }),
            "");
}

TEST(TensorsTest, OutputsAreWhatIsWanted) {
  const float numbers[] = {.25f, .75f};
  const std::vector<InferTensor> outputs{{.name = "p",
                                          .datatype = "FP32",
                                          .shape = {1, 2},
                                          .bytes = {reinterpret_cast<const char*>(numbers), 8}},
                                         {.name = "t", .datatype = "BYTES", .shape = {1}, .texts = {"hi"}}};
  EXPECT_EQ(
      infer_answer({.id = "7"}, "m", outputs).body,
      R"({"model_name":"m","model_version":"1","id":"7","outputs":[{"name":"p","datatype":"FP32","shape":[1,2],)"
      R"("data":[0.25,0.75]},{"name":"t","datatype":"BYTES","shape":[1],"data":["hi"]}]})"
      "\n");
  EXPECT_THAT(
      infer_answer({}, "m", {{.name = "u", .datatype = "UINT8", .shape = {2}, .bytes = "\1\xff"}}).body,
      HasSubstr("\"data\":[1,255]"));
  const auto binary = infer_answer({.outputs = {{"t", true}}}, "m", outputs);
  const auto length =
      std::stoul(std::string(field_of(binary.fields, "Inference-Header-Content-Length").value()));
  EXPECT_EQ(binary.body.substr(length), std::string("\2\0\0\0hi", 6));
  EXPECT_THAT(test::error_of([&] {
                infer_answer({.outputs = {{"q", true}}}, "m", outputs);
              }),
              HasSubstr("no such output"));
}

TEST(TensorsTest, Base64) {
  EXPECT_EQ(base64_decoded("", "x"), "");
  EXPECT_EQ(base64_decoded("Zg==", "x"), "f");
  EXPECT_EQ(base64_decoded("Zm8=", "x"), "fo");
  EXPECT_EQ(base64_decoded("Zm9v", "x"), "foo");
  EXPECT_EQ(base64_decoded("Zm9vYmFy", "x"), "foobar");
  EXPECT_EQ(base64_decoded("+/8A", "x"), std::string("\xfb\xff\0", 3));
  for (const char* text : {"Z", "Zm9", "Zm=v", "====", "Zm9v!m8="})
    EXPECT_THAT(test::error_of([&] { base64_decoded(text, "x"); }), HasSubstr("x: is no base64")) << text;
}

}  // namespace
}  // namespace regard

#include "regard/engine/precision.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "regard/engine/engine.h"
#include "tests/run_graph.h"
#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using testing::AnyOf;
using testing::HasSubstr;

Model quantized_model() {
  auto model = test::random_model(32);
  model.quantization.layers["conv_dw_1"] = {.low = 0, .high = 6};
  model.quantization.temperature = .5f;
  return model;
}

TEST(PrecisionTest, IsTheOneThatIsAskedFor) {
  for (const std::string name : {"f32", "bf16", "int8"})
    EXPECT_EQ(precision_of(quantized_model(), {.precision = name}), name);
  EXPECT_THAT(error_of([] { precision_of(quantized_model(), {.precision = "f64"}); }),
              HasSubstr("precision: unknown precision; expected f32, bf16, int8 or auto, got f64"));
}

TEST(PrecisionTest, AutoIsTheSameEachTimeAndInt8OnlyOfAQuantizedModel) {
  const EngineOptions automatic{.precision = "auto"};
  const auto chosen = precision_of(quantized_model(), automatic);
  EXPECT_THAT(chosen, AnyOf("f32", "bf16", "int8"));
  EXPECT_EQ(precision_of(quantized_model(), automatic), chosen);
  EXPECT_THAT(precision_of(test::random_model(32), automatic), AnyOf("f32", "bf16"));
#if defined(__x86_64__)
  EXPECT_EQ(chosen == "int8", __builtin_cpu_supports("avx2") != 0);
#endif
}

TEST(PrecisionTest, EachHasItsTemperature) {
  EXPECT_EQ(temperature_of(quantized_model(), "int8"), .5f);
  EXPECT_EQ(temperature_of(quantized_model(), "bf16"), 1);
}

TEST(PrecisionTest, Int8NeedsAQuantizedModel) {
  const auto model = test::random_model(32);
  EXPECT_THAT(
      error_of([&] { Engine engine(model, {.precision = "int8"}); }),
      HasSubstr("model has no ranges for 8-bit integers; expected a quantized model; `regard quantize` "
                "makes one"));
}

}  // namespace
}  // namespace regard

#include "regard/model/weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using testing::AllOf;
using testing::HasSubstr;

const std::vector<ParameterSpec> kSpecs{{"c.weight", {4, 3, 3, 3}, Initializer::he},
                                        {"b.weight", {4}, Initializer::ones, true, false},
                                        {"b.bias", {4}, Initializer::zeros, true, false},
                                        {"fc.weight", {2, 5}, Initializer::fan_in}};

double mean_square(const std::vector<float>& values) {
  double sum = 0;
  for (const float value : values) sum += double{value} * value;
  return sum / static_cast<double>(values.size());
}

// From a second implementation in Python.
TEST(InitialWeights, AreTheDocumentedOnes) {
  const auto weights = initial_weights(kSpecs, 7);
  const auto& kernel = weights.at("c.weight");
  EXPECT_EQ(kernel.shape, (Shape{4, 3, 3, 3}));
  ASSERT_EQ(kernel.values.size(), 108u);
  EXPECT_FLOAT_EQ(kernel.values[0], -0.3573312616700881f);
  EXPECT_FLOAT_EQ(kernel.values[1], 0.04825793804250534f);
  EXPECT_FLOAT_EQ(kernel.values[2], -0.07409382804270868f);
  const auto& matrix = weights.at("fc.weight").values;
  EXPECT_FLOAT_EQ(matrix[0], -0.35773810138844236f);
  EXPECT_FLOAT_EQ(matrix[1], -0.23651460456301118f);
  EXPECT_FLOAT_EQ(matrix[2], 0.08068164199238437f);
  EXPECT_THAT(weights.at("b.weight").values, testing::Each(1.f));
  EXPECT_THAT(weights.at("b.bias").values, testing::Each(0.f));
}

TEST(InitialWeights, HaveTheInitialisersSpread) {
  const auto weights = initial_weights({{"c", {64, 32, 3, 3}, Initializer::he},
                                        {"d", {512, 1, 3, 3}, Initializer::he},
                                        {"f", {64, 400}, Initializer::fan_in}},
                                       1);
  EXPECT_NEAR(mean_square(weights.at("c").values) * 32 * 9 / 2, 1, .05);
  EXPECT_NEAR(mean_square(weights.at("d").values) * 9 / 2, 1, .1);
  const auto& uniform = weights.at("f").values;
  const auto [least, most] = std::minmax_element(uniform.begin(), uniform.end());
  EXPECT_NEAR(*least, -1 / 20., 1e-4);
  EXPECT_NEAR(*most, 1 / 20., 1e-4);
  EXPECT_NEAR(mean_square(uniform) * 400 * 3, 1, .05);
}

TEST(InitialWeights, DependOnSeedAndNameOnly) {
  const auto all = initial_weights(kSpecs, 7), alone = initial_weights({kSpecs[3]}, 7);
  EXPECT_EQ(all.at("fc.weight").values, alone.at("fc.weight").values);
  EXPECT_NE(initial_weights(kSpecs, 8).at("fc.weight").values, all.at("fc.weight").values);
  auto renamed = kSpecs[3];
  renamed.name = "fd.weight";
  EXPECT_NE(initial_weights({renamed}, 7).at("fd.weight").values, all.at("fc.weight").values);
}

TEST(CheckWeights, AcceptsWhatFits) {
  EXPECT_EQ(error_of([] { check_weights(initial_weights(kSpecs, 1), kSpecs, "a"); }), "");
}

TEST(CheckWeights, NamesWhatDoesNotFit) {
  const auto after = [](auto&& change) {
    auto weights = initial_weights(kSpecs, 1);
    change(weights);
    return error_of([&] { check_weights(weights, kSpecs, "a.safetensors"); });
  };
  EXPECT_THAT(after([](Weights& w) { w.erase("fc.weight"); }),
              AllOf(HasSubstr("a.safetensors"), HasSubstr("fc.weight"), HasSubstr("missing")));
  EXPECT_THAT(after([](Weights& w) {
                w["fc.wait"] = {{1}, {0}};
              }),
              AllOf(HasSubstr("fc.wait"), HasSubstr("no parameter")));
  EXPECT_THAT(after([](Weights& w) {
                w["fc.weight"].shape = {5, 2};
              }),
              AllOf(HasSubstr("[2, 5]"), HasSubstr("[5, 2]")));
  EXPECT_THAT(after([](Weights& w) { w["fc.weight"].values.pop_back(); }), HasSubstr("length"));
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()})
    EXPECT_THAT(after([&](Weights& w) { w["fc.weight"].values[9] = bad; }),
                AllOf(HasSubstr("fc.weight"), HasSubstr("finite")));
}

}  // namespace
}  // namespace regard

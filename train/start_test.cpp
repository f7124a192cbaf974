#include "train/start.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "regard/model/model.h"
#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using testing::HasSubstr;

const std::vector<std::string> kLabels{"neutral", "happiness", "surprise", "sadness"};

/// A start of the plain network, each value of its classifier's bias the number of its class.
class Starts : public testing::Test {
 protected:
  Starts() {
    Model model;
    model.name = "start";
    model.labels = kLabels;
    model.network = network(4);
    model.source = "made", model.licence = "CC0";
    model.weights = initial_weights(specs(4), 7);
    model.weights.at("fc.bias").values = {0, 1, 2, 3};
    save_model(folder_ / "start.safetensors", model, DType::f32);
    start_ = load_model(folder_ / "start.safetensors");
    recipe_.start = (folder_ / "start.safetensors").string();
  }
  static NetworkConfig network(int classes) {
    return {.name = "plain", .options = {{"input_size", 32}}, .chip_size = 16, .classes = classes};
  }
  static std::vector<ParameterSpec> specs(int classes) {
    return describe_network(network(classes)).parameters();
  }
  Start begin(const std::vector<std::string>& labels) {
    return starting_weights(recipe_, specs(static_cast<int>(labels.size())), labels);
  }
  std::vector<float> row(const Weights& weights, int row) const {
    const auto& values = weights.at("fc.weight").values;
    return {values.begin() + row * 1024, values.begin() + (row + 1) * 1024};
  }

  test::TemporaryFolder folder_;
  Model start_;
  Recipe recipe_;
};

TEST_F(Starts, WithoutOneWeightsAreFresh) {
  recipe_.start.clear();
  recipe_.seed = 5;
  const auto start = begin(kLabels);
  EXPECT_EQ(start.weights.at("fc.weight").values, initial_weights(specs(4), 5).at("fc.weight").values);
  EXPECT_TRUE(start.about.empty());
}

TEST_F(Starts, TakeWhatTheStartHas) {
  const auto start = begin(kLabels);
  for (const auto& [name, weight] : start_.weights)
    EXPECT_EQ(start.weights.at(name).values, weight.values) << name;
  EXPECT_EQ(start.source, "made");
  EXPECT_EQ(start.licence, "CC0");
  EXPECT_EQ(start.about.at("classifiers").at("fc"), "matched");
  EXPECT_EQ(start.about.at("taken"), start_.weights.size());
}

TEST_F(Starts, MatchAClassifierByItsLabelsNames) {
  const auto start = begin({"surprise", "neutral", "sadness", "happiness"});
  EXPECT_THAT(start.weights.at("fc.bias").values, testing::ElementsAre(2, 0, 3, 1));
  for (const auto& [ours, theirs] : {std::pair{0, 2}, {1, 0}, {2, 3}, {3, 1}})
    EXPECT_EQ(row(start.weights, ours), row(start_.weights, theirs)) << ours;
  const auto fewer = begin({"sadness", "neutral"});
  EXPECT_THAT(fewer.weights.at("fc.bias").values, testing::ElementsAre(3, 0));
  EXPECT_EQ(fewer.about.at("classifiers").at("fc"), "matched");
}

TEST_F(Starts, AClassifierOfOtherLabelsBeginsFreshWhateverItsShape) {
  recipe_.seed = 5;
  const auto start = begin({"neutral", "happiness", "surprise", "boredom"});
  const auto fresh = initial_weights(specs(4), 5);
  for (const auto* name : {"fc.weight", "fc.bias"})
    EXPECT_EQ(start.weights.at(name).values, fresh.at(name).values) << name;
  EXPECT_EQ(start.weights.at("conv1.weight").values, start_.weights.at("conv1.weight").values);
  EXPECT_EQ(start.about.at("classifiers").at("fc"), "fresh");
}

TEST_F(Starts, RepeatAClassifierForSeveralTimesAsManyFeaturesInTheLabelsOrder) {
  recipe_.start_as = {{"view_fc", "fc"}};
  const NetworkConfig ran{.name = "ran",
                          .options = {{"views", {{"input_size", 32}}}, {"view_classifier", true}},
                          .chip_size = 16,
                          .classes = 4};
  const auto start = starting_weights(recipe_, describe_network(ran).parameters(),
                                      {"sadness", "surprise", "happiness", "neutral"});
  const auto& wide = start.weights.at("fc.weight");
  ASSERT_EQ(wide.shape, (Shape{4, 2048}));
  const auto last = row(start_.weights, 3);
  for (const int column : {0, 1, 1023}) {
    EXPECT_EQ(wide.values[column], last[column] / 2);
    EXPECT_EQ(wide.values[1024 + column], last[column] / 2);
    EXPECT_EQ(start.weights.at("view_fc.weight").values[column], last[column]);
  }
}

TEST_F(Starts, LeaveOutLayersThatBeginFresh) {
  recipe_.fresh = {"fc"};
  recipe_.seed = 5;
  const auto start = begin(kLabels);
  EXPECT_EQ(start.weights.at("fc.weight").values, initial_weights(specs(4), 5).at("fc.weight").values);
  EXPECT_FALSE(start.about.contains("classifiers"));
}

TEST_F(Starts, OfWhichNothingFitsAreErrors) {
  recipe_.fresh = {"fc"};
  const std::vector<ParameterSpec> other{{"fc.weight", {4, 1024}}, {"x.weight", {2, 2}}};
  EXPECT_THAT(error_of([&] { starting_weights(recipe_, other, kLabels); }),
              testing::AllOf(HasSubstr("start.safetensors"), HasSubstr("no weight has a name and shape")));
}

}  // namespace
}  // namespace regard

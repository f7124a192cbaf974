#include "regard/pipeline/explainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "regard/core/labels.h"
#include "regard/face/alignment.h"
#include "regard/network/network.h"
#include "regard/network/ran.h"
#include "tests/faces.h"
#include "tests/run_graph.h"
#include "tests/support.h"

namespace regard {
namespace {

using namespace test;

constexpr int kSize = 48;

Model random_network(const std::string& name, const Json& options) {
  Model model = random_model(kSize);
  model.network.name = name;
  model.network.options = options;
  model.weights = lively_weights(describe_network(model.network).parameters(), 3);
  return model;
}

Model random_ran(const Json& regions) {
  auto model = random_network("ran", {{"views", {{"input_size", 48}, {"regions", regions}}}});
  for (const auto* name : {"self_attention.weight", "fc.weight"})  // views differ little
    for (float& value : model.weights.at(name).values) value *= 8;
  return model;
}

/// A model as it is used: read from a file.
struct Explained {
  explicit Explained(const Model& known) : model(known) {
    save_model(folder / "model.safetensors", model);
    explainer = std::make_unique<Explainer>(folder / "model.safetensors");
    explanations = explainer->explain(photograph(kHopper).image);
    EXPECT_EQ(explanations.size(), 1u);
  }

  Image chip() const {
    return cut_chip(photograph(kHopper).image, explanations.at(0).face.landmarks, model.chip());
  }

  TemporaryFolder folder;
  Model model;
  std::unique_ptr<Explainer> explainer;
  std::vector<Explanation> explanations;
};

Tensor planes(const Image& chip) {
  Tensor planes{{1, 3, kSize, kSize}, {}};
  for (int c = 0; c < 3; ++c)
    for (int i = 0; i < kSize * kSize; ++i)
      planes.values.push_back(chip.pixels[static_cast<std::size_t>(i) * 3 + c]);
  return planes;
}

/// The features of a face's views, [k][d].
std::vector<std::vector<double>> features_of(const Model& model, const Image& chip) {
  RanOptions options;
  from_json(model.network.options, options, "test");
  GraphOps ops(model.weights);
  ops.output("features", region_features(ops, ops.chip(kSize), options.views));
  const auto features = run_graph(ops.serialize(), {{"chip", planes(chip)}}).at("features");
  std::vector<std::vector<double>> rows(static_cast<std::size_t>(features.shape[1]));
  const auto width = features.values.size() / rows.size();
  for (std::size_t i = 0; i < features.values.size(); ++i) rows[i / width].push_back(features.values[i]);
  return rows;
}

double dot(const std::vector<float>& weights, const std::vector<double>& x) {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += weights[i] * x[i];
  return sum;
}

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

std::vector<double> weighted_mean(const std::vector<std::vector<double>>& rows,
                                  const std::vector<double>& weights) {
  std::vector<double> mean(rows[0].size());
  double sum = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    sum += weights[i];
    for (std::size_t j = 0; j < mean.size(); ++j) mean[j] += weights[i] * rows[i][j];
  }
  for (double& value : mean) value /= sum;
  return mean;
}

/// Equations 2 to 5 and the classifier, with the weight of one view set to zero.
std::vector<double> prediction_without(const Model& model, std::vector<std::vector<double>> rows,
                                       std::size_t view) {
  std::vector<double> weights;
  for (const auto& row : rows)
    weights.push_back(sigmoid(dot(model.weights.at("self_attention.weight").values, row)));
  weights[view] = 0;
  const auto whole = weighted_mean(rows, weights);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].insert(rows[i].end(), whole.begin(), whole.end());
    weights[i] *= sigmoid(dot(model.weights.at("relation_attention.weight").values, rows[i]));
  }
  const auto pooled = weighted_mean(rows, weights);
  const auto& matrix = model.weights.at("fc.weight").values;
  const auto& bias = model.weights.at("fc.bias").values;
  std::vector<double> answer;
  double sum = 0;
  for (std::size_t row = 0; row < bias.size(); ++row) {
    const auto begin = matrix.begin() + static_cast<std::ptrdiff_t>(row * pooled.size());
    answer.push_back(
        std::exp(dot({begin, begin + static_cast<std::ptrdiff_t>(pooled.size())}, pooled) + bias[row]));
    sum += answer.back();
  }
  for (double& value : answer) value /= sum;
  return answer;
}

TEST(Explainer, LeavesOutEachViewAsThoughItsWeightWereZero) {
  const Explained explained(random_ran({{"scheme", "fixed"}}));
  ASSERT_TRUE(explained.explainer->weighs_views());
  const auto& [face, views] = explained.explanations.at(0);
  ASSERT_EQ(views.size(), 6u);
  const auto rows = features_of(explained.model, explained.chip());
  double change = 0, sum = 0;
  for (std::size_t view = 0; view < views.size(); ++view) {
    SCOPED_TRACE(views[view].name);
    const auto expected = prediction_without(explained.model, rows, view);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_NEAR(views[view].without[i], expected[i], 1e-4);
      change = std::max(change, std::abs(expected[i] - face.probabilities[i]));
    }
    EXPECT_EQ(views[view].name, face.views[view].name);
    sum += views[view].weight;
  }
  EXPECT_NEAR(sum, 1, 1e-5);
  EXPECT_GT(change, 1e-3) << "views do not matter";
}

TEST(Explainer, LeavesOutLandmarksToo) {
  const Explained explained(random_ran({{"scheme", "landmark"}, {"half_side", .2}}));
  const auto& [face, views] = explained.explanations.at(0);
  ASSERT_EQ(views.size(), 6u);
  EXPECT_EQ(views[2].name, "right eye");
  EXPECT_NE(views[2].without, views[1].without);
  EXPECT_NE(views[2].without, face.probabilities);
}

TEST(Explainer, CoversPartsWhereNothingIsWeighed) {
  const Explained explained(random_network("plain", {{"input_size", 64}}));
  EXPECT_FALSE(explained.explainer->weighs_views());
  const auto& [face, views] = explained.explanations.at(0);
  ASSERT_EQ(views.size(), 5u);
  EXPECT_EQ(views[2].name, "nose");
  EXPECT_EQ(views[2].weight, 0);

  Image occluded = explained.chip();
  const Point nose = landmarks_in_chip(face.landmarks, explained.model.chip())[2];
  cv::Mat pixels = wrap(occluded);
  const auto edge = [](float place) { return static_cast<int>(std::lround(place * kSize)); };
  const cv::Rect square(cv::Point(edge(nose.x - .18f), edge(nose.y - .18f)),
                        cv::Point(edge(nose.x + .18f), edge(nose.y + .18f)));
  pixels(square).setTo(cv::mean(pixels(square)));
  const auto expected =
      run_graph(onnx_model(explained.model), {{"chip", planes(occluded)}}).at("probabilities");
  for (std::size_t i = 0; i < expected.values.size(); ++i)
    EXPECT_NEAR(views[2].without[i], expected.values[i], 1e-3);
}

/// Of a network that finds its views by itself, the scales in order, at the places that it tells.
TEST(Explainer, ShowsTheScalesOfPhanet) {
  const Explained explained(random_network("phanet", {{"input_size", 64}}));
  ASSERT_TRUE(explained.explainer->weighs_views());
  const auto& [face, views] = explained.explanations.at(0);
  const auto outputs = run_graph(onnx_model(explained.model), {{"chip", planes(explained.chip())}});
  const auto& weights = outputs.at("gate").values;
  ASSERT_EQ(views.size(), 3u);
  const auto to_image = chip_to_image(face.landmarks, explained.model.chip());
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(views[i].name, (std::array{"whole face", "zoom 1", "zoom 2"})[i]);
    EXPECT_NEAR(views[i].weight, weights[i], 1e-3);
    const float* m = &outputs.at("affines").values[6 * i];
    const Point corner = to_image({kSize * (m[0] + m[2]), kSize * m[5]});
    EXPECT_NEAR(views[i].corners[1].x, corner.x, .5);
    EXPECT_NEAR(views[i].corners[1].y, corner.y, .5);

    auto less = explained.model;
    less.network = without_view(less.network, static_cast<int>(i));
    const auto expected =
        run_graph(onnx_model(less), {{"chip", planes(explained.chip())}}).at("probabilities");
    EXPECT_THAT(views[i].without, testing::Pointwise(testing::FloatNear(1e-3f), expected.values));
  }
  EXPECT_NE(views[0].without, views[1].without);
}

TEST(Explainer, NoFaceIsAnEmptyList) {
  const Explained explained(random_network("plain", {{"input_size", 64}}));
  EXPECT_TRUE(explained.explainer->explain(canvas(200, 200)).empty());
}

TEST(Recognizer, PlacesViewsInTheImage) {
  const Explained explained(random_ran({{"scheme", "fixed"}}));
  const auto& recognizer = explained.explainer->recognizer();
  const Image chip = explained.chip();
  const ImageView view = chip;
  const auto faces = recognizer.recognize_chips({&view, 1});
  ASSERT_EQ(faces.at(0).views.size(), 6u);
  EXPECT_EQ(recognizer.views()[1], "top left");
  const auto expect_corners = [&](std::size_t v, float left, float top, float right, float bottom) {
    const auto& corners = faces[0].views[v].corners;
    const std::array<Point, 4> expected{{{left, top}, {right, top}, {right, bottom}, {left, bottom}}};
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_NEAR(corners[i].x, kSize * expected[i].x, .01) << faces[0].views[v].name;
      EXPECT_NEAR(corners[i].y, kSize * expected[i].y, .01) << faces[0].views[v].name;
    }
  };
  expect_corners(0, 0, 0, 1, 1);
  expect_corners(1, 0, 0, .75, .75);
  expect_corners(3, .125, .25, .875, 1);

  // The face's own place: its whole view holds its landmarks, whatever way the chip lies.
  const auto& face = explained.explanations.at(0).face;
  const auto to_image = chip_to_image(face.landmarks, explained.model.chip());
  const Point corner = to_image({kSize, 0});
  EXPECT_NEAR(face.views[0].corners[1].x, corner.x, .01);
  EXPECT_NEAR(face.views[0].corners[1].y, corner.y, .01);
}

TEST(Recognizer, PlacesViewsAboutTheFacesOwnLandmarks) {
  const Explained explained(random_ran({{"scheme", "landmark"}, {"half_side", .1}}));
  const auto& face = explained.explanations.at(0).face;
  for (std::size_t i = 0; i < 5; ++i) {
    const auto& corners = face.views.at(i + 1).corners;
    EXPECT_NEAR((corners[0].x + corners[2].x) / 2, face.landmarks[i].x, .01) << face.views[i + 1].name;
    EXPECT_NEAR((corners[0].y + corners[2].y) / 2, face.landmarks[i].y, .01) << face.views[i + 1].name;
  }
}

}  // namespace
}  // namespace regard

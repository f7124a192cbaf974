#include "regard/engine/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <numeric>
#include <thread>

#include "lab/timing/overhead.h"
#include "regard/core/error.h"
#include "regard/core/file.h"
#include "regard/engine/openvino.h"
#include "regard/region/schemes.h"
#include "regard/region/views.h"
#include "tests/network_cases.h"
#include "tests/run_graph.h"
#include "tests/support.h"

namespace regard {
namespace {

using namespace test;
using testing::HasSubstr;

constexpr int kSize = 32;

std::vector<Image> random_chips(int count, int channels = 3) {
  std::vector<Image> chips;
  for (int i = 0; i < count; ++i) {
    const auto values = random_tensor({kSize, kSize, channels}, i, 0, 256).values;
    chips.emplace_back(kSize, kSize, channels).pixels.assign(values.begin(), values.end());
  }
  return chips;
}

Predictions predict(const Engine& engine, const std::vector<Image>& chips) {
  return engine.predict(std::vector<ImageView>(chips.begin(), chips.end()));
}

void expect_near(const std::vector<float>& got, const std::vector<float>& expected, float tolerance) {
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) ASSERT_NEAR(got[i], expected[i], tolerance) << "at " << i;
}

const Model& model() {
  static const Model model = random_model(kSize);
  return model;
}

const Engine& engine() {
  static const Engine engine(model());
  return engine;
}

TEST(EngineEnsembleTest, AnswersWithTheMeanOfItsMembersScores) {
  auto first = random_model(kSize), second = first;
  first.network.temperature = .8f;
  second.network.temperature = 2;
  for (float& value : second.weights.at("fc.weight").values) value *= -1;
  const auto chips = random_chips(3);
  const auto a = predict(Engine(first), chips).probabilities,
             b = predict(Engine(second), chips).probabilities;
  std::vector<float> mean;
  for (std::size_t i = 0; i < a.size(); ++i) mean.push_back((a[i] + b[i]) / 2);
  const std::vector<Model> both{first, second};
  expect_near(predict(Engine(ensemble_of("both", both)), chips).probabilities, mean, 1e-5f);
}

class EngineBatchTest : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Batch, EngineBatchTest, testing::Values(1, 3, 8, 21));

TEST_P(EngineBatchTest, SaysWhatTheGraphSays) {
  const int n = GetParam();
  const auto chips = random_chips(n);
  Tensor planes{{n, 3, kSize, kSize}, {}};
  for (const auto& chip : chips)
    for (int c = 0; c < 3; ++c)
      for (int i = 0; i < kSize * kSize; ++i)
        planes.values.push_back(chip.pixels[static_cast<std::size_t>(i) * 3 + c]);
  const auto expected = run_graph(onnx_model(model()), {{"chip", planes}});
  const auto got = predict(engine(), chips);
  EXPECT_EQ(got.classes, 8u);
  expect_near(got.logits, expected.at("logits").values, 1e-4f);
  expect_near(got.probabilities, expected.at("probabilities").values, 1e-5f);
}

TEST(Engine, AnswerOfAChipDoesNotDependOnItsNeighbours) {
  const auto chips = random_chips(11);
  const auto together = predict(engine(), chips);
  for (std::size_t i = 0; i < chips.size(); ++i) {
    const auto alone = predict(engine(), {chips[i]}).probabilities;
    const auto row = together.probabilities.begin() + static_cast<std::ptrdiff_t>(i * 8);
    expect_near(alone, {row, row + 8}, 1e-5f);
  }
  EXPECT_GT(std::abs(together.probabilities[0] - together.probabilities[8]), 1e-4f)
      << "chips cannot be told apart";
}

TEST(Engine, GreyIsColourWithThreeEqualChannels) {
  const auto grey = random_chips(2, 1);
  std::vector<Image> colour(2, Image(kSize, kSize));
  for (int i = 0; i < 2; ++i)
    for (std::size_t p = 0; p < colour[i].pixels.size(); ++p) colour[i].pixels[p] = grey[i].pixels[p / 3];
  EXPECT_EQ(predict(engine(), grey).probabilities, predict(engine(), colour).probabilities);
}

TEST(Engine, RowsMayLieApart) {
  const auto chips = random_chips(1);
  Image wide(kSize + 7, kSize);
  for (int y = 0; y < kSize; ++y) std::copy_n(chips[0].row(y), kSize * 3, wide.row(y) + 3 * 4);
  const ImageView part{wide.pixels.data() + 3 * 4, kSize, kSize, 3, wide.view().stride};
  EXPECT_EQ(engine().predict(std::vector{part}).probabilities, predict(engine(), chips).probabilities);
}

TEST(Engine, NoChipsNoPredictions) {
  EXPECT_TRUE(engine().predict({}).probabilities.empty());
}

TEST(Engine, RefusesChipsOfAnotherKind) {
  EXPECT_THAT(error_of([] { predict(engine(), {Image(kSize, kSize + 1)}); }),
              HasSubstr("chip has the wrong size; expected 32 x 32, got 32 x 33"));
  EXPECT_THAT(error_of([] { predict(engine(), {Image(kSize, kSize, 4)}); }),
              HasSubstr("wrong number of channels; expected 1 or 3, got 4"));
  EXPECT_THAT(error_of([] { engine().predict(std::vector<ImageView>(1)); }),
              HasSubstr("chip has the wrong size"));
}

TEST(Engine, RefusesUnknownOptions) {
  EXPECT_THAT(error_of([] { Engine(model(), {.precision = "f64"}); }),
              HasSubstr("expected f32, bf16, int8 or auto, got f64"));
  EXPECT_THAT(error_of([] { Engine(model(), {.threads = -1}); }),
              HasSubstr("threads: number is out of range"));
}

/// The balanced probabilities are the natural ones over the prior, normalised.
TEST(Engine, ABalancedPriorDividesByTheModelsOwn) {
  auto own = model();
  own.network.temperature = .7f;
  const auto classes = own.labels.size();
  own.prior.assign(classes, .1f / static_cast<float>(classes - 1));
  own.prior[0] = .9f;
  const auto chips = random_chips(2);
  const auto natural = predict(Engine(own), chips),
             balanced = predict(Engine(own, {.prior = "balanced"}), chips);
  for (std::size_t row = 0; row < 2; ++row) {
    std::vector<float> expected;
    for (std::size_t i = 0; i < classes; ++i)
      expected.push_back(natural.probabilities[row * classes + i] / own.prior[i]);
    const float sum = std::accumulate(expected.begin(), expected.end(), 0.f);
    for (std::size_t i = 0; i < classes; ++i) {
      EXPECT_NEAR(balanced.probabilities[row * classes + i], expected[i] / sum, 1e-5f);
      EXPECT_NEAR(balanced.logits[row * classes + i],
                  natural.logits[row * classes + i] - .7f * std::log(own.prior[i]), 1e-5f);
    }
  }
}

TEST(Engine, ABalancedPriorNeedsTheModelsOwn) {
  EXPECT_THAT(error_of([] { Engine(model(), {.prior = "balanced"}); }),
              HasSubstr("model does not say how frequent the classes were"));
  EXPECT_THAT(error_of([] { Engine(model(), {.prior = "even"}); }),
              HasSubstr("prior: unknown prior; expected natural or balanced, got even"));
}

TEST(Engine, Bf16IsNearF32) {
  const auto chips = random_chips(3);
  const auto bf16 = predict(Engine(model(), {.precision = "bf16"}), chips).probabilities;
  expect_near(bf16, predict(engine(), chips).probabilities, .05f);
}

TEST(Engine, SeveralThreadsGetTheSameAnswers) {
  const auto chips = random_chips(12);
  const auto expected = predict(engine(), chips);
  std::vector<Predictions> got(6);
  std::vector<std::jthread> threads;
  for (auto& result : got)
    threads.emplace_back([&] {
      for (int run = 0; run < 5; ++run) result = predict(engine(), chips);
    });
  threads.clear();
  for (const auto& result : got) expect_near(result.probabilities, expected.probabilities, 1e-6f);
}

Model random_ran(const Json& regions) {
  auto model = random_model(kSize);
  model.network.name = "ran";
  model.network.options = {{"views", {{"input_size", 48}, {"regions", regions}}}};
  model.weights = lively_weights(describe_network(model.network).parameters(), 1);
  for (float& value : model.weights.at("self_attention.weight").values) value *= 8;  // views differ little
  return model;
}

Tensor planes(const std::vector<Image>& chips) {
  Tensor planes{{static_cast<std::int64_t>(chips.size()), 3, kSize, kSize}, {}};
  for (const auto& chip : chips)
    for (int c = 0; c < 3; ++c)
      for (int i = 0; i < kSize * kSize; ++i)
        planes.values.push_back(chip.pixels[static_cast<std::size_t>(i) * 3 + c]);
  return planes;
}

TEST(EngineViews, SayWhatTheGraphSays) {
  const auto chips = random_chips(11);
  for (const auto* scheme : {"fixed", "random"}) {
    SCOPED_TRACE(scheme);
    const auto model = random_ran({{"scheme", scheme}});
    const auto got = predict(Engine(model), chips);
    const auto expected = run_graph(onnx_model(model), {{"chip", planes(chips)}});
    const auto views = expected.at("view_weights").shape[1];
    EXPECT_EQ(got.views, static_cast<std::size_t>(views));
    expect_near(got.view_weights, expected.at("view_weights").values, 1e-5f);
    expect_near(got.self_attention, expected.at("self_attention").values, 1e-5f);
    for (auto row = got.view_weights.begin(); row != got.view_weights.end(); row += views)
      EXPECT_NEAR(std::accumulate(row, row + views, 0.f), 1, 1e-5);
    EXPECT_GT(std::abs(got.view_weights[0] - got.view_weights[static_cast<std::size_t>(views)]), 1e-4f)
        << "faces cannot be told apart";
  }
}

TEST(EngineViews, AreNoneOfANetworkThatDoesNotWeighThem) {
  const auto got = predict(engine(), random_chips(2));
  EXPECT_EQ(got.views, 0u);
  EXPECT_TRUE(got.view_weights.empty() && got.self_attention.empty() && got.relation_attention.empty());
}

TEST(EngineLandmarks, AreWhatTheNetworkLooksAround) {
  constexpr std::size_t kFaces = 9;
  const auto model = random_ran({{"scheme", "landmark"}, {"half_side", .2}});
  const Engine engine(model);
  const auto images = random_chips(kFaces);
  const std::vector<ImageView> chips(images.begin(), images.end());
  const auto places = random_tensor({kFaces, 5, 2}, 3, .1f, .9f);
  std::vector<Landmarks> landmarks(kFaces);
  for (std::size_t i = 0; i < kFaces * 5; ++i)
    landmarks[i / 5][i % 5] = {places.values[2 * i], places.values[2 * i + 1]};
  const auto got = engine.predict(chips, landmarks).logits;
  const auto expected = run_graph(onnx_model(model), {{"chip", planes(images)}, {"landmarks", places}});
  expect_near(got, expected.at("logits").values, 1e-4f);

  const std::vector<Landmarks> mean(kFaces, landmark_places(model.chip()));
  const auto usual = engine.predict(chips).logits;
  expect_near(usual, engine.predict(chips, mean).logits, 1e-6f);
  EXPECT_GT(std::abs(usual[0] - got[0]), 1e-3f);
  EXPECT_THAT(error_of([&] { engine.predict(chips, std::span(landmarks).first(2)); }),
              HasSubstr("landmarks are those of another number of faces"));
  EXPECT_GT(measure_overhead(model, {}, 2, 1).graph, 0);
}

TEST(EngineLandmarks, PlacesAreThoseOfTheGraph) {
  const Landmarks landmarks{{{.1f, .2f}, {.8f, .3f}, {.5f, .5f}, {.3f, .95f}, {1.2f, .8f}}};
  Tensor input{{1, 5, 2}, {}};
  for (const auto& [x, y] : landmarks) input.values.insert(input.values.end(), {x, y});
  for (const std::vector<int>& only : {std::vector<int>{}, std::vector<int>{0, 5, 2}}) {
    const RegionOptions options{.scheme = "landmark", .half_side = .3f, .only = only};
    GraphOps ops({});
    ops.output("affines", view_affines(ops, options));
    const auto expected = run_graph(ops.serialize(), {{"landmarks", input}}).at("affines");
    std::vector<float> got;
    for (const auto& view : views_of_face(options, landmarks))
      got.insert(got.end(), view.m.begin(), view.m.end());
    expect_near(got, expected.values, 1e-6f);
    EXPECT_EQ(static_cast<std::size_t>(count_views(options)) * 6, got.size());
    EXPECT_EQ(view_names(options).size() * 6, got.size());
  }
}

/// The x and y coordinates seen by a network with a single convolution, relative to the middle of the chip:
/// small numbers are exact enough in bf16.
Tensor places_seen(const EngineOptions& options, const Tensor& landmarks) {
  const std::int64_t faces = landmarks.shape[0];
  const Weights identity{{"c.weight", {{3, 3, 1, 1}, {1, 0, 0, 0, 1, 0, 0, 0, 1}}}};
  GraphOps ops(identity);
  const auto chip = ops.chip(kSize);
  const auto affines = ops.with_mirrored(ops.squares_around(ops.landmarks(), .4f));
  ops.output("y", ops.conv2d("c", ops.views(chip, affines, 64), {.out = 3, .kernel = 1}));
  auto compiled = compile_graph({{}, [&] { return ops.serialize(); }}, options);
  auto request = compiled.model.create_infer_request();
  ov::Tensor image(ov::element::f32, {static_cast<std::size_t>(faces), 3, kSize, kSize});
  for (std::size_t i = 0; i < image.get_size(); ++i) {
    const int channel = static_cast<int>(i / (kSize * kSize)) % 3;
    const auto at = static_cast<int>(channel == 0 ? i % kSize : i / kSize % kSize);
    image.data<float>()[i] = channel == 2 ? 100.f : static_cast<float>(at - kSize / 2);
  }
  ov::Tensor points(ov::element::f32, {static_cast<std::size_t>(faces), 5, 2});
  std::ranges::copy(landmarks.values, points.data<float>());
  request.set_tensor("chip", image);
  request.set_tensor("landmarks", points);
  request.infer();
  const auto seen = request.get_tensor("y");
  return {{}, {seen.data<const float>(), seen.data<const float>() + seen.get_size()}};
}

TEST(EnginePrecision, PlacesStayExactInBf16) {
  const auto landmarks = random_tensor({3, 5, 2}, 1, .2f, .8f);
  const auto exact = places_seen({}, landmarks), bf16 = places_seen({.precision = "bf16"}, landmarks);
  ASSERT_EQ(bf16.values.size(), exact.values.size());
  std::size_t compared = 0;
  float worst = 0;
  for (std::size_t i = 0; i < exact.values.size(); ++i)
    if (std::abs(exact.values[i]) < 3) {
      worst = std::max(worst, std::abs(bf16.values[i] - exact.values[i]));
      ++compared;
    }
  EXPECT_GT(compared, 10'000u);
  EXPECT_LT(worst, .05) << "pixels";
}

/// Views that are cut by matrix products are computed in bf16, weights and pixels rounded to eight bits:
/// their places stay, their values are off by less than two of 255 grey levels.
TEST(EnginePrecision, ViewsByMatrixProductsAreCloseInBf16) {
  const auto seen_in = [](const EngineOptions& options) {
    const Weights none;
    GraphOps ops(none);
    const auto views =
        ops.views(ops.input("x", {1, 1, 48, 48}), constant_affines(ops, {kWholeFace, kMirroredFace}), 160);
    ops.output("y", ops.scale(views, 1));
    auto compiled = compile_graph({{}, [&] { return ops.serialize(); }}, options);
    auto request = compiled.model.create_infer_request();
    ov::Tensor image(ov::element::f32, {1, 1, 48, 48});
    for (std::size_t i = 0; i < image.get_size(); ++i)
      image.data<float>()[i] = static_cast<float>(i * 37 % 251);
    request.set_tensor("x", image);
    request.infer();
    const auto y = request.get_tensor("y");
    return std::vector<float>(y.data<const float>(), y.data<const float>() + y.get_size());
  };
  const auto exact = seen_in({}), bf16 = seen_in({.precision = "bf16"});
  ASSERT_EQ(bf16.size(), 2u * 160 * 160);
  float worst = 0;
  for (std::size_t i = 0; i < exact.size(); ++i) worst = std::max(worst, std::abs(bf16[i] - exact[i]));
  EXPECT_LT(worst, 2) << "grey levels";
}

TEST(Engine, RefusesAnUntrainedClassifier) {
  auto untrained = model();
  untrained.trained = false;
  EXPECT_THAT(error_of([&] { Engine engine(untrained); }), HasSubstr("classifier is untrained"));
  EXPECT_THAT(error_of([&] { onnx_model(untrained); }), HasSubstr("classifier is untrained"));
}

/// The classifier of these features gives the logits.
TEST(Engine, GivesTheFeaturesThatAreClassified) {
  const auto chips = random_chips(11);
  const auto got = predict(Engine(model(), {.features = true}), chips);
  const auto &weight = model().weights.at("fc.weight"), &bias = model().weights.at("fc.bias");
  const auto width = static_cast<std::size_t>(weight.shape[1]);
  ASSERT_EQ(got.features.size(), chips.size() * width);
  std::vector<float> logits;
  for (auto row = got.features.begin(); row < got.features.end(); row += static_cast<std::ptrdiff_t>(width))
    for (std::size_t label = 0; label < 8; ++label)
      logits.push_back(std::inner_product(&weight.values[label * width],
                                          &weight.values[label * width] + width, row, bias.values[label]));
  expect_near(got.logits, logits, 1e-3f);
  EXPECT_TRUE(predict(engine(), chips).features.empty()) << "not asked for";
}

TEST(Engine, HasNoFeaturesOfNetworksThatScoreEveryView) {
  const auto scores = random_model(kSize, R"({"views": {"input_size": 64}})", "region_baseline");
  EXPECT_THAT(error_of([&] { Engine engine(scores, {.features = true}); }),
              HasSubstr("region_baseline: network has no single feature per face"));
}

TEST(Engine, MeasuresItsOverhead) {
  const auto overhead = measure_overhead(model(), {}, 2, 3);
  EXPECT_GT(overhead.engine, 0);
  EXPECT_GT(overhead.graph, 0);
  EXPECT_THAT(error_of([] { measure_overhead(model(), {}, 0, 3); }),
              HasSubstr("batch: number is out of range"));
  EXPECT_THAT(error_of([] { measure_overhead(model(), {}, 2, 0); }),
              HasSubstr("runs: number is out of range"));
}

/// Writes what tests/onnxruntime_test.py compares, into the folder that it names.
void write_case(const std::filesystem::path& folder, const Model& model,
                Arithmetic arithmetic = Arithmetic::floats) {
  const bool integers = arithmetic == Arithmetic::integers;
  const auto name = model.name + (integers ? "-int8" : "");
  constexpr int kCount = 8;
  const std::int64_t size = model.network.chip_size;
  const auto faces = random_faces(kCount, model.network.chip_size);
  const Engine engine(model, {.precision = integers ? "int8" : "f32"});
  const auto predictions = engine.predict(faces.views(), faces.landmarks);
  std::vector<std::uint8_t> pixels;
  for (const auto& chip : faces.chips) pixels.insert(pixels.end(), chip.pixels.begin(), chip.pixels.end());
  const auto bytes = [](const auto& values) { return std::as_bytes(std::span(values)); };
  write_text_atomically(folder / (name + ".onnx"), onnx_model(model, {}, arithmetic));
  write_tensor_file(folder / (name + ".safetensors"), {},
                    {{"chips", {DType::u8, {kCount, size, size, 3}, bytes(pixels)}},
                     {"landmarks", {DType::f32, {kCount, 5, 2}, bytes(faces.landmarks)}},
                     {"probabilities",
                      {DType::f32,
                       {kCount, static_cast<std::int64_t>(predictions.classes)},
                       bytes(predictions.probabilities)}}});
}

TEST(ExportTest, WritesCasesForOnnxruntime) {
  const char* folder = std::getenv("REGARD_ONNX_CASES");
  if (!folder) GTEST_SKIP() << "run by tests/onnxruntime_test.py";
  const auto cases = network_cases();
  for (std::size_t i = 0; i < cases.size(); i += kThreadsAreWatched ? 4 : 1)
    write_case(folder, cases[i].model());
  for (const auto& entry : std::filesystem::directory_iterator(REGARD_SOURCE_DIR "/models"))
    if (entry.path().extension() == ".safetensors")
      for (const auto arithmetic : {Arithmetic::floats, Arithmetic::integers})
        write_case(folder, load_model(entry.path()), arithmetic);
}

}  // namespace
}  // namespace regard

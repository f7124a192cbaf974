#include "regard/engine/engine.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "regard/core/error.h"
#include "regard/core/file.h"
#include "regard/engine/overhead.h"
#include "tests/run_graph.h"

namespace regard {
namespace {

using namespace test;

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
  EXPECT_THROW(predict(engine(), {Image(kSize, kSize + 1)}), Error);
  EXPECT_THROW(predict(engine(), {Image(kSize, kSize, 4)}), Error);
  EXPECT_THROW(engine().predict(std::vector<ImageView>(1)), Error);
}

TEST(Engine, RefusesUnknownOptions) {
  EXPECT_THROW(Engine(model(), {.precision = "f64"}), Error);
  EXPECT_THROW(Engine(model(), {.threads = -1}), Error);
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

TEST(Engine, MeasuresItsOverhead) {
  const auto overhead = measure_overhead(model(), {}, 2, 3);
  EXPECT_GT(overhead.engine, 0);
  EXPECT_GT(overhead.graph, 0);
  EXPECT_THROW(measure_overhead(model(), {}, 0, 3), Error);
  EXPECT_THROW(measure_overhead(model(), {}, 2, 0), Error);
}

/// Writes what tests/onnxruntime_test.py compares, into the folder that it names.
void write_case(const std::filesystem::path& folder, const Model& model) {
  constexpr int kCount = 8;
  const std::int64_t size = model.network.chip_size;
  const auto values = random_tensor({kCount, size, size, 3}, 1, 0, 256).values;
  const std::vector<std::uint8_t> pixels(values.begin(), values.end());
  std::vector<ImageView> chips;
  for (int i = 0; i < kCount; ++i)
    chips.push_back({&pixels[static_cast<std::size_t>(i * size * size * 3)], static_cast<int>(size),
                     static_cast<int>(size), 3, static_cast<std::ptrdiff_t>(size * 3)});
  const auto predictions = Engine(model).predict(chips);
  write_text_atomically(folder / (model.name + ".onnx"), onnx_model(model));
  write_tensor_file(folder / (model.name + ".safetensors"), {},
                    {{"chips", {DType::u8, {kCount, size, size, 3}, std::as_bytes(std::span(pixels))}},
                     {"probabilities",
                      {DType::f32,
                       {kCount, static_cast<std::int64_t>(predictions.classes)},
                       std::as_bytes(std::span(predictions.probabilities))}}});
}

TEST(ExportTest, WritesCasesForOnnxruntime) {
  const char* folder = std::getenv("REGARD_ONNX_CASES");
  if (!folder) GTEST_SKIP() << "run by tests/onnxruntime_test.py";
  auto random = random_model(kSize);
  write_case(folder, random);
  random = random_model(48, R"({"input_size": 64, "mirror": true, "normalize": {"grey": true}})");
  random.name = "random-grey-mirror";
  write_case(folder, random);
  for (const auto& entry : std::filesystem::directory_iterator(REGARD_SOURCE_DIR "/models"))
    if (entry.path().extension() == ".safetensors") write_case(folder, load_model(entry.path()));
}

}  // namespace
}  // namespace regard

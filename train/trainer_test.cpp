#include "train/trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <sstream>

#include "regard/core/file.h"
#include "regard/core/labels.h"
#include "regard/network/table.h"
#include "tests/recipes.h"
#include "tests/support.h"
#include "train/torch/ops.h"

namespace regard {
namespace {

namespace fs = std::filesystem;

/// A data set of made images, each label a brightness, that a network can learn; and folders for runs on
/// it.
class Trainer : public testing::Test {
 protected:
  Trainer() {
    std::vector<Sample> samples;
    std::vector<std::uint8_t> chips;
    for (int i = 0; i < 40; ++i) {
      const int label = i % 8;
      Sample sample{"made" + std::to_string(i) + ".png", i < 32 ? "train" : "valid", label, {}};
      sample.soft_labels.assign(8, 0.05f);
      sample.soft_labels[label] = 0.65f;
      if (i % 3 > 0) sample.pose = HeadPose{static_cast<float>(5 * label - 20), 3, -2};
      samples.push_back(sample);
      for (int pixel = 0; pixel < 16 * 16; ++pixel)
        chips.push_back(static_cast<std::uint8_t>(label * 30 + (pixel * 7 + i) % 20));
    }
    const std::vector<std::string> labels(kFerplusLabels.begin(), kFerplusLabels.end());
    write_packed(folder_ / "data.pack", "ferplus", labels, "made", 1, 16, samples, chips);
    recipe_.options = {{"input_size", 32}, {"normalize", {{"grey", true}}}};
    recipe_.epochs = 2;
    recipe_.batch = 8;
  }

  bool run(const std::string& name, const TrainOptions& options = {}) {
    return train(recipe_, PackedDataset::open(folder_ / "data.pack"), folder_ / name, options);
  }
  /// Of a run in the folder "run".
  std::string error() {
    return test::error_of([&] { run("run"); });
  }
  std::string text(const std::string& name) { return read_text(folder_ / name); }

  test::TemporaryFolder temporary_;
  fs::path folder_ = temporary_.path();
  Recipe recipe_;
};

/// The same options with what makes a network slow made small.
void shrink(Json& options) {
  for (auto& [key, value] : options.items()) {
    if (value.is_object()) shrink(value);
    if (key == "input_size") value = 32;
  }
}

/// Two of the paper's recipes differ from others in a number only, and take as long.
bool is_alike(const fs::path& recipe) {
  const auto name = recipe.stem().string();
  return name == "vgg16" || name.starts_with("margin-") || name.starts_with("size-") ||
         (name.starts_with("region") && name != "region1");
}

TEST_F(Trainer, TakesTwoStepsOfEveryShippedRecipe) {
  for (const auto& path : test::shipped_recipes()) {
    if (is_alike(path)) continue;
    SCOPED_TRACE(path);
    recipe_ = read_recipe(path);
    shrink(recipe_.options);
    shrink(recipe_.deploy);
    if (!fs::exists(recipe_.start)) {
      recipe_.start.clear();
      recipe_.optimizer.learning_rate =
          1e-6f;  // which a network without batch norms wants that starts from nothing
    }
    recipe_.epochs = 1;
    recipe_.batch = 4;
    recipe_.images = 8;
    const auto name = path.stem().string();
    ASSERT_TRUE(run(name));
    EXPECT_THAT(text(name + "/log.jsonl"), testing::HasSubstr("\"step\":2,"));
    const auto model = load_model(folder_ / name / "model.safetensors");
    EXPECT_EQ(model.network.name, recipe_.network);
    fs::remove_all(folder_ / name);
  }
}

TEST_F(Trainer, LearnsWhatCanBeLearnt) {
  recipe_.epochs = 40;
  recipe_.batch = 16;
  recipe_.options["input_size"] = 64;
  recipe_.options["dropout"] = 0;
  recipe_.augment = {.rotation = 0,
                     .scale = 0,
                     .shift = 0,
                     .contrast = 0,
                     .brightness = 0,
                     .blur = 0,
                     .noise = 0,
                     .random_erasing = 0};
  std::vector<double> losses;
  train(recipe_, PackedDataset::open(folder_ / "data.pack"), folder_ / "run", {},
        [&](const TrainProgress& progress) {
          if (progress.step % 2 == 0) losses.push_back(progress.loss);
        });
  EXPECT_EQ(losses.size(), 40u);
  EXPECT_LT(losses.back(), losses.front() - .3);
}

TEST_F(Trainer, StoppedAfterEveryStepEndsBitEqual) {
  for (const auto* precision : {"f32", "bf16"}) {
    recipe_.precision = precision;
    const auto straight = std::string(precision) + "-straight", stopped = std::string(precision) + "-stopped";
    ASSERT_TRUE(run(straight));
    int calls = 1;
    while (!run(stopped, {.stop_after = 1})) ++calls;
    EXPECT_EQ(calls, 8);
    for (const auto* file : {"/checkpoint.safetensors", "/model.safetensors", "/log.jsonl"})
      EXPECT_EQ(text(straight + file), text(stopped + file)) << precision << file;
  }
}

/// A small network with all that PhaNet adds.
class PhanetTrainer : public Trainer {
 protected:
  PhanetTrainer() {
    recipe_.network = "phanet";
    recipe_.options["scales"] = 2;
    recipe_.batch_norm = "running";
    recipe_.batch = 4;
    recipe_.epochs = 3;
    recipe_.loss = {.scales = 1,
                    .ranking = 1,
                    .pose = 1,
                    .learned_weights = true,
                    .guide = .1f,
                    .guide_until = .5f,
                    .saturation = .1f};
  }

  std::vector<Json> losses(const std::string& name) {
    std::vector<Json> lines;
    std::istringstream file(text(name + "/losses.jsonl"));
    for (std::string line; std::getline(file, line);) lines.push_back(Json::parse(line));
    return lines;
  }
};

TEST_F(PhanetTrainer, LearnsTheWeightsOfItsLosses) {
  ASSERT_TRUE(run("run"));
  const auto lines = losses("run");  // after 20 of 24 steps
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].at("step"), 20);
  const auto &losses = lines[0].at("losses"), &weights = lines[0].at("weights");
  EXPECT_EQ(losses.size(), 5u);
  EXPECT_FALSE(losses.contains("guide")) << "its weight has fallen to 0";
  EXPECT_NEAR(weights.at("saturation").get<double>(), .1, 1e-6);
  for (const auto* name : {"answer", "scales", "ranking", "pose"}) {
    EXPECT_NE(weights.at(name), 1.) << name;
    EXPECT_GE(weights.at(name), std::exp(-2.01));
    EXPECT_LE(weights.at(name), std::exp(2.01));
  }
  EXPECT_EQ(weights.at("scales"), weights.at("ranking")) << "one task";
  EXPECT_NE(weights.at("scales"), weights.at("answer"));
  const auto file = TensorFile::open(folder_ / "run/checkpoint.safetensors");
  EXPECT_TRUE(file.has("uncertainties/pose"));
}

TEST_F(PhanetTrainer, StoppedAndContinuedEndsBitEqual) {
  ASSERT_TRUE(run("straight"));
  EXPECT_FALSE(run("stopped", {.stop_after = 21}));
  ASSERT_TRUE(run("stopped"));
  for (const auto* file : {"/checkpoint.safetensors", "/log.jsonl", "/losses.jsonl"})
    EXPECT_EQ(text(std::string("straight") + file), text(std::string("stopped") + file)) << file;
}

TEST_F(PhanetTrainer, RunningStatisticsStay) {
  recipe_.epochs = 1;
  ASSERT_TRUE(run("run"));
  const auto checkpoint = TensorFile::open(folder_ / "run/checkpoint.safetensors");
  EXPECT_EQ(checkpoint.at("weights/conv1_bn.running_mean").to_floats(), std::vector<float>(32, 0));
  EXPECT_NE(checkpoint.at("weights/conv1_bn.bias").to_floats(), std::vector<float>(32, 0));
}

TEST_F(PhanetTrainer, ProposalsThatNoLossAsksForStay) {
  recipe_.options["learn_places"] = false;
  recipe_.loss.guide = recipe_.loss.saturation = 0;
  ASSERT_TRUE(run("run"));
  const auto checkpoint = TensorFile::open(folder_ / "run/checkpoint.safetensors");
  EXPECT_EQ(checkpoint.at("weights/proposal_1.square.weight").to_floats(), std::vector<float>(3 * 64, 0));
}

TEST_F(PhanetTrainer, SamplerMovesProposals) {
  recipe_.loss.guide = recipe_.loss.saturation = 0;
  ASSERT_TRUE(run("run"));
  const auto checkpoint = TensorFile::open(folder_ / "run/checkpoint.safetensors");
  EXPECT_NE(checkpoint.at("weights/proposal_1.square.weight").to_floats(), std::vector<float>(3 * 64, 0));
}

TEST_F(PhanetTrainer, WithoutAnyPoseThereIsNoLossOfPose) {
  const auto data = PackedDataset::open(folder_ / "data.pack");
  std::vector<Sample> samples;
  for (std::int64_t i = 0; i < data.count(); ++i) {
    samples.push_back(data.sample(i));
    samples.back().pose.reset();
  }
  write_packed(folder_ / "no-pose.pack", "ferplus", data.labels(), "made", 1, 16, samples, data.chips());
  const auto error = test::error_of(
      [&] { train(recipe_, PackedDataset::open(folder_ / "no-pose.pack"), folder_ / "run", {}); });
  EXPECT_THAT(error, testing::HasSubstr("no image of the training part has a head pose"));
}

TEST_F(Trainer, SeedDecides) {
  run("one");
  recipe_.seed = 2;
  run("two");
  EXPECT_NE(load_model(folder_ / "one/model.safetensors").weights.at("fc.weight").values,
            load_model(folder_ / "two/model.safetensors").weights.at("fc.weight").values);
}

TEST_F(Trainer, StartsFromAModelsWeights) {
  run("first");
  recipe_.start = (folder_ / "first/model.safetensors").string();
  recipe_.optimizer.learning_rate = 1e-12f;
  recipe_.reestimate_batch_norm = false;
  recipe_.network = "plain";
  run("second");
  const auto first = load_model(folder_ / "first/model.safetensors"),
             second = load_model(folder_ / "second/model.safetensors");
  EXPECT_THAT(second.weights.at("fc.weight").values,
              testing::Pointwise(testing::FloatNear(1e-6f), first.weights.at("fc.weight").values));
}

TEST_F(Trainer, LayersBeforeTheFirstTrainedOneStayAsTheStartHasThem) {
  ASSERT_TRUE(run("start"));
  recipe_.start = (folder_ / "start/model.safetensors").string();
  recipe_.reestimate_batch_norm = false;
  recipe_.train_from = "conv_dw_6";
  recipe_.precision = "bf16";
  ASSERT_TRUE(run("on"));
  const auto before = load_model(recipe_.start).weights,
             after = load_model(folder_ / "on/model.safetensors").weights;
  const auto same = [&](const char* name) { return before.at(name).values == after.at(name).values; };
  for (const auto* name : {"conv1.weight", "conv1_bn.running_mean", "conv_pw_5.weight", "conv_pw_5_bn.bias"})
    EXPECT_TRUE(same(name)) << name;
  for (const auto* name : {"conv_dw_6.weight", "conv_dw_6_bn.running_mean", "fc.weight"})
    EXPECT_FALSE(same(name)) << name;

  recipe_.train_from = "conv_dw_60";
  EXPECT_THAT(test::error_of([&] { run("none"); }), testing::HasSubstr("conv_dw_60"));
}

/// Without it, the rows of a step are others. order_test.cpp and data_source_test.cpp hold what they are.
TEST_F(Trainer, OversamplingChangesWhatIsSeen) {
  recipe_.supervision = "majority";
  recipe_.epochs = 1;
  run("usual");
  recipe_.oversample = true;
  run("oversampled");
  const auto loss = [&](const std::string& name) {
    return Json::parse(text(name + "/log.jsonl").substr(text(name + "/log.jsonl").find('\n'))).at("loss");
  };
  EXPECT_NE(loss("usual"), loss("oversampled"));
}

TEST_F(Trainer, BalancesClassesWhereARecipeAsks) {
  recipe_.supervision = "majority";
  recipe_.images = 16;  // of which some labels come more often
  recipe_.epochs = 1;
  std::set<std::vector<float>> weights;
  for (const auto* balance : kBalances) {
    recipe_.loss.balance = balance;
    ASSERT_TRUE(run(balance));
    weights.insert(load_model(folder_ / balance / "model.safetensors").weights.at("fc.bias").values);
  }
  EXPECT_EQ(weights.size(), kBalances.size());
}

TEST_F(Trainer, TrainsOnAllWhereARecipeDoesNotValidate) {
  recipe_.train_on = {"train", "valid"};
  recipe_.validate_on = "";
  ASSERT_TRUE(run("run"));
  EXPECT_THAT(text("run/log.jsonl"), testing::HasSubstr("\"step\":10,"));  // of 40 images
  EXPECT_THAT(text("run/log.jsonl"), testing::Not(testing::HasSubstr("valid_accuracy")));
  const auto model = load_model(folder_ / "run/model.safetensors");
  EXPECT_TRUE(model.results.empty());
  EXPECT_EQ(model.data.at("images"), 40);
  EXPECT_EQ(model.data.at("train_on"), (Json{"train", "valid"}));
}

TEST_F(Trainer, AModelSaysWhichFoldWasHeldOutOfIt) {
  std::string folds;
  for (int i = 0; i < 40; ++i) folds += "made" + std::to_string(i) + ".png," + std::to_string(i % 5) + "\n";
  write_text_atomically(folder_ / "folds.csv", folds);
  recipe_.train_on = {"train", "valid"};
  recipe_.validate_on = kHeldOut;
  recipe_.folds = (folder_ / "folds.csv").string();
  recipe_.held_out_fold = 3;
  ASSERT_TRUE(run("run", {.stop_after = 1}) || run("run"));
  const auto model = load_model(folder_ / "run/model.safetensors");
  EXPECT_EQ(model.data.at("images"), 32);
  EXPECT_EQ(model.data.at("held_out").at("fold"), 3);
  EXPECT_EQ(model.data.at("held_out").at("images"), 8);
  EXPECT_EQ(model.results.at(kHeldOut).at("count"), 8);
  EXPECT_EQ(model.recipe.at("folds"), "folds.csv");

  write_text_atomically(folder_ / "folds.csv", folds + "other.png,0\n");
  EXPECT_THAT(error(), testing::HasSubstr("data.held_out.sha256")) << "another list";
}

TEST_F(Trainer, RefusesLossesThatTheNetworkHasNoOutputFor) {
  recipe_.loss.scales = 1;
  EXPECT_THAT(error(), testing::AllOf(testing::HasSubstr("loss.scales"), testing::HasSubstr("scale_logits")));
}

TEST_F(Trainer, ReestimatingBatchNormsKeepsWhatTheNetworkComputes) {
  run("first");
  const auto first = load_model(folder_ / "first/model.safetensors");
  recipe_.start = (folder_ / "first/model.safetensors").string();
  recipe_.optimizer.learning_rate = 1e-12f;
  recipe_.optimizer.ema_decay = 0.999f;
  TrainOptions options;
  options.stop_after = 1;
  run("second", options);
  // Of the checkpoint's EMA weights, the buffers have moved by a tenth at most; scale and shift have not.
  const auto data = PackedDataset::open(folder_ / "data.pack");
  const auto state = TensorFile::open(folder_ / "second/checkpoint.safetensors");
  auto second = first;
  for (auto& [name, weight] : second.weights) weight.values = state.at("weights/" + name).to_floats();
  EXPECT_NE(second.weights.at("conv1_bn.weight").values, first.weights.at("conv1_bn.weight").values);
  const auto indices = data.indices("valid", true);
  const auto a = predict_logits(first, data, indices), b = predict_logits(second, data, indices);
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], .5) << i;
}

TEST_F(Trainer, DeploysWithOtherOptionsOnTheSameWeights) {
  run("plain");
  recipe_.deploy = {{"flip_tta", true}};
  run("mirrored");
  const auto plain = load_model(folder_ / "plain/model.safetensors");
  const auto mirrored = load_model(folder_ / "mirrored/model.safetensors");
  EXPECT_EQ(mirrored.network.options.at("flip_tta"), true);
  EXPECT_FALSE(plain.network.options.contains("flip_tta"));
  EXPECT_EQ(plain.weights.at("fc.weight").values, mirrored.weights.at("fc.weight").values);
}

TEST_F(Trainer, LooksAroundTheImagesOwnLandmarks) {
  const auto data = PackedDataset::open(folder_ / "data.pack");
  std::vector<Sample> samples;
  for (std::int64_t i = 0; i < data.count(); ++i) samples.push_back(data.sample(i));
  const Landmarks own{{{.2f, .3f}, {.8f, .3f}, {.5f, .5f}, {.3f, .8f}, {.7f, .8f}}};
  samples[33].landmarks = own;
  write_packed(folder_ / "placed.pack", "ferplus", data.labels(), "made", 1, 16, samples, data.chips());
  const auto placed = PackedDataset::open(folder_ / "placed.pack");

  Model model;
  model.network = {
      "ran",
      {{"views", {{"input_size", 32}, {"regions", {{"scheme", "landmark"}, {"half_side", .2}}}}}},
      16,
      8,
      1};
  const auto specs = describe_network(model.network).parameters();
  model.weights = initial_weights(specs, 1);
  auto weights = to_torch(model.weights, specs);
  const auto expected = [&](const Landmarks& landmarks) {
    const at::NoGradGuard no_gradients;
    const auto chip = placed.chip(33);
    TorchOps::Options options;
    options.landmarks = at::from_blob(const_cast<Landmarks*>(&landmarks), {1, 5, 2}, at::kFloat);
    const auto pixels = at::from_blob(const_cast<std::uint8_t*>(chip.data()), {1, 1, 16, 16}, at::kByte);
    TorchOps ops(weights, pixels, options);
    build_network(ops, model.network);
    const auto logits = ops.output("logits").contiguous();
    return std::vector<float>(logits.const_data_ptr<float>(), logits.const_data_ptr<float>() + 8);
  };
  const auto mean = landmark_places(model.chip());
  using testing::FloatNear, testing::Pointwise;
  EXPECT_THAT(predict_logits(model, placed, {33}), Pointwise(FloatNear(1e-5f), expected(own)));
  EXPECT_THAT(predict_logits(model, data, {33}), Pointwise(FloatNear(1e-5f), expected(mean)));
  EXPECT_THAT(predict_logits(model, data, {33}), testing::Not(Pointwise(FloatNear(1e-5f), expected(own))));

  recipe_.network = "ran";
  recipe_.options = model.network.options;
  recipe_.epochs = 1;
  EXPECT_TRUE(train(recipe_, placed, folder_ / "run", {}));
}

TEST_F(Trainer, RefusesToDeployAnotherNetworkThanItTrains) {
  recipe_.deploy = {{"backbone", "resnet18"}};
  EXPECT_THAT(error(), testing::HasSubstr("deployed network has other parameters than the trained one"));
  recipe_.deploy = {{"backbone", "none"}};
  EXPECT_THAT(error(), testing::HasSubstr("unknown backbone"));
}

TEST_F(Trainer, RefusesDevicesThatAreNone) {
  TrainOptions options;
  options.device = "gpu";
  EXPECT_THAT(test::error_of([&] { run("run", options); }),
              testing::AllOf(testing::HasSubstr("unknown device"), testing::HasSubstr("gpu")));
}

TEST_F(Trainer, RemovesWhatAKilledRunHasHalfWritten) {
  write_text_atomically(folder_ / "run/checkpoint.safetensors.tmp-1-0", "half");
  run("run", {.stop_after = 1});
  EXPECT_FALSE(fs::exists(folder_ / "run/checkpoint.safetensors.tmp-1-0"));
}

TEST_F(Trainer, RefusesTheCheckpointOfAnotherRun) {
  run("run", {.stop_after = 1});
  recipe_.optimizer.learning_rate = .5f;
  try {
    run("run");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("recipe.optimizer.learning_rate"));
  }
}

TEST_F(Trainer, RefusesADamagedCheckpoint) {
  run("run", {.stop_after = 1});
  fs::resize_file(folder_ / "run/checkpoint.safetensors", 1000);
  EXPECT_THAT(error(), testing::HasSubstr("checkpoint.safetensors"));
}

TEST_F(Trainer, RefusesABatchLargerThanTheData) {
  recipe_.batch = 33;
  EXPECT_THAT(error(), testing::AllOf(testing::HasSubstr("batch is larger"),
                                      testing::HasSubstr("at most 32, got 33")));
}

TEST_F(Trainer, TakesASeededSubset) {
  recipe_.images = 16;
  run("run", {.stop_after = 1});
  EXPECT_THAT(text("run/log.jsonl"), testing::HasSubstr("\"images\":16"));
}

}  // namespace
}  // namespace regard

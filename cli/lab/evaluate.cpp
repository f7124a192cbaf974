#include <unistd.h>

#include <algorithm>
#include <memory>

#include "cli/common.h"
#include "cli/lab/commands.h"
#include "cli/lab/datasets.h"
#include "cli/siblings.h"
#include "lab/evaluate/evaluation.h"
#include "lab/evaluate/held_out.h"
#include "lab/evaluate/training_words.h"
#include "lab/metrics/calibration.h"
#include "lab/report/html_report.h"
#include "lab/report/text_report.h"
#include "regard/core/file.h"
#include "regard/core/json.h"
#include "regard/engine/engine.h"
#include "regard/engine/precision.h"
#include "regard/model/model.h"
#include "regard/network/network.h"
#include "regard/pipeline/model_files.h"

namespace regard {

namespace {

namespace fs = std::filesystem;

struct EvaluateOptions {
  std::string model, dataset, data, split = "valid", format = "text", out, engine = "openvino", against,
                                    against_precision, held_out;
  std::vector<std::string> subsets, settings;
  bool fit_temperature = false, common_labels = false, pose_invariance = false;
  EngineOptions run;
};

SubsetList subset_of(const std::string& argument) {
  const auto equals = argument.find('=');
  if (equals == 0 || equals == std::string::npos || equals + 1 == argument.size())
    throw CLI::ValidationError("--subset wants NAME=LIST, got '" + argument + "'");
  return {argument.substr(0, equals), argument.substr(equals + 1)};
}

void check_usage(const EvaluateOptions& options) {
  if (options.fit_temperature && options.common_labels)
    throw CLI::ValidationError(
        "--fit-temperature needs all labels and cannot be combined with --common-labels");
  if (options.engine == "torch" && options.pose_invariance)
    throw CLI::ValidationError("--pose-invariance needs the features, which --engine torch does not give");
  if (options.engine == "torch" && options.run.precision != "f32")
    throw CLI::ValidationError("--engine torch computes in f32");
  if (options.fit_temperature && options.held_out.empty() && options.split != "valid")
    throw CLI::ValidationError(
        "--fit-temperature needs --split valid or --held-out: other images were trained on, or are for "
        "testing");
}

/// A temporary folder.
class TemporaryFolder {
 public:
  TemporaryFolder() : path_((fs::temp_directory_path() / "regard-XXXXXX").string()) {
    if (!mkdtemp(path_.data())) throw Error("temporary folder cannot be made", path_);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  fs::path file(const char* name) const { return fs::path(path_) / name; }

 private:
  std::string path_;
};

// The set as a packed file; all its images have a label.
void pack_set(const EvaluationSet& set, const fs::path& path) {
  std::vector<Sample> samples;
  std::vector<std::uint8_t> chips;
  for (std::size_t i = 0; i < set.count(); ++i) {
    std::vector<float> soft_labels(set.labels.size());
    soft_labels[set.truth[i]] = 1;
    samples.push_back({set.names[i], set.split, set.truth[i], std::move(soft_labels), set.landmarks[i], {}});
    const auto& [width, height, channels, pixels] = set.chips[i];
    for (int c = 0; c < channels; ++c)
      for (std::size_t at = static_cast<std::size_t>(c); at < pixels.size();
           at += static_cast<std::size_t>(channels))
        chips.push_back(pixels[at]);
  }
  write_packed(path, set.dataset, set.labels, "", set.chips[0].channels, set.chips[0].width, samples, chips);
}

std::vector<float> torch_logits(const fs::path& model, const EvaluationSet& set,
                                const std::vector<std::string>& settings) {
  const TemporaryFolder folder;
  const auto packed = folder.file("split.pack"), out = folder.file("logits.safetensors");
  pack_set(set, packed);
  std::vector<std::string> arguments{"predict", "--model", model,   "--packed", packed,
                                     "--split", set.split, "--out", out};
  for (const auto& setting : settings) arguments.insert(arguments.end(), {"--set", setting});
  run_sibling(kTorch, arguments);
  return TensorFile::open(out).at("logits").to_floats();
}

SetPredictions engine_predictions(const Model& model, const EvaluationSet& set,
                                  const EngineOptions& options) {
  const Engine engine(model, options);
  Progress progress(set.count(), "images");
  return predictions_of(engine, model, set, [&](std::size_t done) { progress.show(done); });
}

constexpr const char* kIntegers = "int8";  // the precision, and where its results are

// Whether the model's temperature was fitted on this split, according to its file.
bool was_fitted_on(const Model& model, const EvaluationSet& set, const std::string& precision) {
  const Json results =
      precision == kIntegers ? model.results.value(kIntegers, Json::object()) : model.results;
  const auto found = results.find("temperature");
  return found != results.end() && found->is_object() &&
         found->value("dataset", Json()) == Json(set.dataset) &&
         found->value("split", Json()) == Json(set.split);
}

// The part of an evaluation that the model file stores.
Json result_of(const Evaluation& evaluation) {
  Json json = to_json(evaluation);
  for (const char* key : {"model", "settings", "against", "confusion", "reliability", "temperature",
                          "subsets", "by_pose", "pose_invariance", "views"})
    json.erase(key);
  return json;
}

// Stores temperature and results in the model file; returns its new hash.
std::string keep(const fs::path& path, Model model, const Evaluation& evaluation,
                 const std::string& precision) {
  const bool integers = precision == kIntegers;
  auto& temperature = integers ? model.quantization.temperature : model.network.temperature;
  auto& results = integers ? model.results[kIntegers] : model.results;
  temperature = static_cast<float>(evaluation.run.temperature);
  results["temperature"] = {{"value", evaluation.run.temperature},
                            {"dataset", evaluation.dataset},
                            {"split", evaluation.split},
                            {"count", evaluation.overall.metrics.count()}};
  results[evaluation.split] = result_of(evaluation);
  save_model(path, model, stored_type(TensorFile::open(path)));
  return TensorFile::open(path).sha256();
}

std::string rendered(const EvaluateOptions& options, const Evaluation& evaluation, const EvaluationSet& set,
                     const std::vector<float>& logits) {
  if (options.format == "json") return json_shown(to_json(evaluation)) + "\n";
  if (options.format == "html") return html_report(evaluation, set);
  if (options.format == "csv") return predictions_csv(set, logits, evaluation.run.temperature);
  return text_report(evaluation);
}

/// The predictions of a model, restricted to the evaluated labels.
struct ModelPredictions {
  SetPredictions predictions;
  RunInfo run;
};

ModelPredictions model_predictions(const fs::path& path, const Model& model, const EvaluationSet& set,
                                   const LabelMatch& match, const std::vector<std::string>& settings,
                                   const EvaluateOptions& options) {
  auto predictions = options.engine == "torch" ? SetPredictions{torch_logits(path, set, settings), {}, {}, {}}
                                               : engine_predictions(model, set, options.run);
  predictions.logits = select_outputs(predictions.logits, model.labels.size(), match);
  const auto precision = precision_of(model, options.run);
  return {std::move(predictions),
          {model.name, model.hash(), options.engine + " " + precision, temperature_of(model, precision),
           was_fitted_on(model, set, precision), settings, attended_views(model.network),
           training_words(model.data, set.dataset, set.split)}};
}

Comparison compared(EvaluateOptions options, const EvaluationSet& set, std::span<const float> logits,
                    std::span<const SubsetList> subsets) {
  const fs::path path = find_model(options.against);
  const Model model = load_model(path);
  expect_trained(model);
  const auto match = match_labels(set.labels, model.labels, options.common_labels, path.string());
  if (match.labels != set.labels)
    throw Error("model lacks a label that is evaluated and cannot be compared", path.string());
  if (!options.against_precision.empty()) options.run.precision = options.against_precision;
  const auto other = model_predictions(path, model, set, match, {}, options);
  return compare(set, logits, other.predictions.logits, other.run, subsets);
}

// Features of the faces as they are. With flip test-time augmentation they are means over both flips, in
// which left and right are the same whatever the network has learned.
std::vector<float> unflipped_features(Model model, const EvaluationSet& set, EngineOptions options) {
  if (seen_options(model.network).contains("flip_tta")) lay_over_seen({{"flip_tta", false}}, model.network);
  options.features = true;
  return engine_predictions(model, set, options).features;
}

EvaluationSet images_of(const EvaluateOptions& options, const Model& model) {
  return options.held_out.empty()
             ? load_evaluation_set(options.dataset, options.data, options.split, model.network.chip_size)
             : load_held_out(model, options.held_out, options.dataset, options.data);
}

void evaluate_model(const EvaluateOptions& options) {
  check_usage(options);
  std::vector<SubsetList> subsets;
  for (const auto& argument : options.subsets) subsets.push_back(subset_of(argument));
  const fs::path path = find_model(options.model);
  const Model model = with_options(load_model(path), options.settings);
  expect_trained(model);
  auto set = images_of(options, model);
  const auto match = match_labels(set.labels, model.labels, options.common_labels, path.string());
  set = keep_labels(std::move(set), match);

  auto [predictions, run] = model_predictions(path, model, set, match, options.settings, options);
  if (options.fit_temperature) {
    const Scores scores{set.labels.size(), predictions.logits, set.truth};
    run.temperature = static_cast<float>(fit_temperature(scores, all_rows(scores.count())));
    run.fitted_here = true;
  }
  auto evaluation = evaluate(set, predictions, run, subsets);
  if (options.pose_invariance)
    evaluation.pose_invariance =
        pose_invariance(set, predictions.logits, unflipped_features(model, set, options.run));
  if (!options.against.empty()) evaluation.against = compared(options, set, predictions.logits, subsets);
  if (options.fit_temperature)
    evaluation.run.model_hash = keep(path, model, evaluation, precision_of(model, options.run));
  const std::string text = rendered(options, evaluation, set, predictions.logits);
  options.out.empty() ? print(text) : write_text_atomically(options.out, text);
}

constexpr const char* kEvaluateExamples =
    "examples:\n"
    "  regard evaluate ferplus-mobilenet --dataset ferplus --data FERPlus/data --split valid\n"
    "  regard evaluate model.safetensors --data ferplus.zip --split test --format json \\\n"
    "      --subset occlusion=occlusion_test_list.txt --subset pose30=pose_30_list.txt\n"
    "  regard evaluate model.safetensors --data ferplus.pack --format html --out report.html\n"
    "  regard evaluate ferplus-ran --data ferplus.pack --against ferplus-phanet\n"
    "  regard evaluate ferplus-ran --data ferplus.pack --precision int8 \\\n"
    "      --against ferplus-ran --against-precision f32\n"
    "  regard evaluate ferplus-ran --data ferplus.pack --set attention.weights=uniform\n"
    "  regard evaluate ferplus-phanet --data posed.pack --pose-invariance\n"
    "  regard evaluate model.safetensors --data ferplus.pack --held-out recipes/folds/ferplus.csv\n"
    "  regard evaluate model.safetensors --data ferplus.pack --fit-temperature";

void add_comparison(CLI::App& command, EvaluateOptions& options) {
  command
      .add_option("--against", options.against,
                  "a second model, for the paired difference in accuracy, overall, for every subset and for "
                  "every expression")
      ->type_name("MODEL");
  command
      .add_option("--against-precision", options.against_precision,
                  "the precision of the second model; by default that of the first")
      ->needs("--against")
      ->type_name("TEXT");
}

}  // namespace

void add_evaluate(CLI::App& app) {
  auto options = std::make_shared<EvaluateOptions>();
  auto* command = app.add_subcommand(kEvaluate.name, kEvaluate.description);
  command->add_option("MODEL", options->model, "a model file, or the name of a shipped model")->required();
  command
      ->add_option("--dataset", options->dataset,
                   "name of the data set (see `regard pack --help`); ignored for packed data")
      ->check(CLI::IsMember(dataset_names()))
      ->default_str("ferplus");
  command
      ->add_option("--data", options->data,
                   "folder or .zip of the data set, or a file written by `regard pack`")
      ->required()
      ->type_name("PATH");
  auto* split = command->add_option("--split", options->split, "split of the data set")
                    ->check(CLI::IsMember({"train", "valid", "test"}))
                    ->capture_default_str();
  command
      ->add_option(
          "--held-out", options->held_out,
          "instead of a split, the images of the fold that the training of MODEL held out, according "
          "to FOLDS, the list it was trained with")
      ->type_name("FOLDS")
      ->excludes(split);
  repeatable(command->add_option("--subset", options->subsets,
                                 "also evaluate the images in LIST, under this name; can be repeated"))
      ->type_name("NAME=LIST");
  add_comparison(*command, *options);
  repeatable(
      command->add_option("--set", options->settings, "change an option of the network; can be repeated"))
      ->type_name("KEY=VALUE");
  command->add_flag("--common-labels", options->common_labels,
                    "if model and data set have different labels, evaluate those that both have");
  command->add_flag(
      "--pose-invariance", options->pose_invariance,
      "also measure how well head pose can be read from the features, and how much accuracy varies "
      "over poses; needs images with known poses");
  command
      ->add_option("--format", options->format,
                   "text, json, html (a page with images) or csv (the probabilities of every image)")
      ->check(CLI::IsMember({"text", "json", "html", "csv"}))
      ->capture_default_str();
  command->add_option("--out", options->out, "file to write instead of standard output")->type_name("FILE");
  command->add_option("--engine", options->engine, "what runs the network: openvino (as shipped) or torch")
      ->check(CLI::IsMember({"openvino", "torch"}))
      ->capture_default_str();
  add_flags(*command, options->run);
  command->add_flag("--fit-temperature", options->fit_temperature,
                    "fit the temperature on these images, and store it and the results in the model file");
  command->footer(kEvaluateExamples);
  command->callback([options] { evaluate_model(*options); });
}

}  // namespace regard

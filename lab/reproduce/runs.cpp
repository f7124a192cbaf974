#include "lab/reproduce/runs.h"

#include <algorithm>
#include <sstream>

#include "lab/data/packed.h"
#include "regard/core/file.h"
#include "regard/core/toml.h"

namespace regard {

namespace {

namespace fs = std::filesystem;

constexpr double kMinusInfinity = -1e9;  // logit of a label that the model does not have

/// The folder of a training, whatever its recipe was called when it was first run.
fs::path run_folder(const fs::path& runs, const std::string& name, const std::string& digest) {
  const auto ending = "-" + digest.substr(0, 12);
  if (fs::is_directory(runs))
    for (const auto& entry : fs::directory_iterator(runs))
      if (entry.path().filename().string().ends_with(ending)) return entry.path();
  return runs / (name + ending);
}

/// The lines of a .jsonl; none where there is no such file.
std::vector<Json> read_lines(const fs::path& file) {
  if (!fs::exists(file)) return {};
  std::vector<Json> lines;
  std::istringstream text(read_text(file));
  for (std::string line; std::getline(text, line);) lines.push_back(Json::parse(line));
  return lines;
}

/// Whether a training has come to its end: by its log, else (a model that was trained elsewhere) by what the
/// model says of itself.
bool is_trained(const fs::path& folder, const Recipe& recipe) {
  const auto file = folder / "model.safetensors";
  if (!fs::exists(file)) return false;
  if (const auto log = read_lines(folder / "log.jsonl"); !log.empty())
    return log.back().value("epoch", 0) == recipe.epochs;
  const auto results = load_model(file).results;
  const auto valid = results.find(recipe.validate_on);
  return valid == results.end() || valid->value("epoch", 0) == recipe.epochs;
}

/// Of a model's logits those of the set's labels, in their order.
std::vector<float> of_labels(const std::vector<float>& predicted, const std::vector<std::string>& labels,
                             const Model& model) {
  std::vector<float> logits;
  const auto classes = model.labels.size();
  for (std::size_t row = 0; row < predicted.size() / classes; ++row)
    for (const auto& label : labels) {
      const auto at = std::find(model.labels.begin(), model.labels.end(), label) - model.labels.begin();
      logits.push_back(at < std::ssize(model.labels) ? predicted[row * classes + static_cast<std::size_t>(at)]
                                                     : static_cast<float>(kMinusInfinity));
    }
  return logits;
}

/// The parts of answers that are kept, by name.
template <class SomeAnswers>
auto kept_parts(SomeAnswers& predictions) {
  return std::array{std::pair{"logits", &predictions.logits}, std::pair{"weights", &predictions.view_weights},
                    std::pair{"attention", &predictions.attention}, std::pair{"places", &predictions.places}};
}

SetPredictions read_answers(const fs::path& file) {
  const auto kept = TensorFile::open(file);
  SetPredictions predictions;
  for (const auto& [name, values] : kept_parts(predictions))
    if (kept.tensors().contains(name)) *values = kept.at(name).to_floats();
  return predictions;
}

void write_answers(const fs::path& file, const SetPredictions& predictions, std::int64_t count) {
  std::map<std::string, TensorView> tensors;
  for (const auto& [name, values] : kept_parts(predictions))
    if (!values->empty())
      tensors[name] = {DType::f32, {count, std::ssize(*values) / count}, std::as_bytes(std::span(*values))};
  write_tensor_file(file, {}, tensors);
}

}  // namespace

void expect_not_stopped(const ReproduceOptions& options) {
  if (options.stopped && options.stopped())
    throw Error("stopped; give the same command again to continue", options.folder.string());
}

TrainedModel RunStore::train(const Recipe& recipe, const fs::path& pack) const {
  if (!recipe.start.empty() && !fs::exists(recipe.start))
    throw Unavailable("needs its start, " + recipe.start + ", which is not there (--start FILE)");
  const auto packed = PackedDataset::open(pack);
  const auto folder = run_folder(options_.folder / "runs", recipe.name, digest_of(recipe, packed.sha256()));
  if (!is_trained(folder, recipe)) {
    write_text_atomically(folder / "recipe.json", to_json(recipe).dump(2) + "\n");
    if (!options_.train) throw Unavailable("not yet trained: " + (folder / "recipe.json").string());
    options_.train({folder, folder / "recipe.json", pack});
    if (!is_trained(folder, recipe)) throw Error("training is not finished", folder.string());
  }
  fs::remove(folder / "checkpoint.safetensors");
  return {folder.filename().string(), TensorFile::open(folder / "model.safetensors").sha256(),
          words_of(recipe), read_lines(folder / "losses.jsonl"), packed.notes()};
}

fs::path RunStore::folder_of(const TrainedModel& trained) const {
  return options_.folder / "runs" / trained.run;
}

Model RunStore::load(const TrainedModel& trained, const Json& evaluate) const {
  auto model = load_model(folder_of(trained) / "model.safetensors");
  lay_over(model.network.options, evaluate);
  return model;
}

SetPredictions RunStore::predictions(const TrainedModel& trained, const Json& evaluate,
                                     const EvaluatedSet& images) const {
  const Json key{{"model", trained.hash},       {"evaluate", evaluate},
                 {"images", images.hash},       {"split", images.set.split},
                 {"count", images.set.count()}, {"precision", options_.engine.precision}};
  const auto text = key.dump();
  const auto file = folder_of(trained) /
                    ("predictions-" + sha256(std::as_bytes(std::span(text))).substr(0, 12) + ".safetensors");
  if (fs::exists(file)) return read_answers(file);
  if (options_.say) options_.say("measuring " + std::to_string(images.set.count()) + " images");
  const auto model = load(trained, evaluate);
  auto predictions = predictions_of(Engine(model, options_.engine), model, images.set,
                                    [&](std::size_t) { expect_not_stopped(options_); });
  predictions.logits = of_labels(predictions.logits, images.set.labels, model);
  write_answers(file, predictions, static_cast<std::int64_t>(images.set.count()));
  return predictions;
}

}  // namespace regard

#include "lab/reproduce/reproduction.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

#include "lab/timing/timing.h"
#include "regard/core/file.h"
#include "regard/core/toml.h"
#include "regard/model/model.h"
#include "regard/network/network.h"
#include "regard/region/schemes.h"

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

bool is_trained(const fs::path& folder, int epochs) {
  const auto file = folder / "model.safetensors";
  if (!fs::exists(file)) return false;
  const auto results = load_model(file).results;
  const auto valid = results.find("valid");
  return valid != results.end() && valid->value("epoch", 0) == epochs;
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

void expect_not_stopped(const Reproduction::Options& options) {
  if (options.stopped && options.stopped())
    throw Error("stopped; give the same command again to continue", options.folder.string());
}

SetPredictions run_engine(const Model& model, const EvaluationSet& set,
                          const Reproduction::Options& options) {
  auto predictions = predictions_of(Engine(model, options.engine), model, set,
                                    [&](std::size_t) { expect_not_stopped(options); });
  predictions.logits = of_labels(predictions.logits, set.labels, model);
  return predictions;
}

/// Median time of one face alone, in milliseconds.
double milliseconds_a_face(const Model& model, const EvaluationSet& set, const EngineOptions& options) {
  constexpr int kWarm = 3, kTimes = 31;
  const Engine engine(model, options);
  const auto usual = landmark_places(model.chip());
  std::vector<double> times;
  for (int i = 0; i < kWarm + kTimes; ++i) {
    const auto row = static_cast<std::size_t>(i) % set.count();
    const ImageView chip = set.chips[row];
    const auto landmarks = set.landmarks[row].value_or(usual);
    const auto time = milliseconds([&] { engine.predict({&chip, 1}, {&landmarks, 1}); });
    if (i >= kWarm) times.push_back(time);
  }
  return median(times);
}

ImageSetKey image_set_of(const ManifestRow& row) {
  return {row.dataset, row.aligned, row.posed};
}

/// The lines of a .jsonl; none if there is no such file.
std::vector<Json> read_lines(const fs::path& file) {
  if (!fs::exists(file)) return {};
  std::vector<Json> lines;
  std::istringstream text(read_text(file));
  for (std::string line; std::getline(text, line);) lines.push_back(Json::parse(line));
  return lines;
}

/// [k, 2, 3]
std::vector<Affine> affines_of(std::span<const float> values) {
  std::vector<Affine> affines;
  for (std::size_t i = 0; i + 6 <= values.size(); i += 6)
    std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(i), 6, affines.emplace_back().m.begin());
  return affines;
}

std::vector<float> mean_of_scores(const std::vector<std::vector<float>>& predictions, std::size_t classes) {
  std::vector<float> mean(predictions.front().size());
  for (const auto& logits : predictions)
    for (std::size_t row = 0; row < logits.size(); row += classes) {
      const auto probabilities = softmax(std::span(logits).subspan(row, classes), 1);
      for (std::size_t i = 0; i < classes; ++i)
        mean[row + i] += static_cast<float>(probabilities[i] / static_cast<double>(predictions.size()));
    }
  for (auto& value : mean) value = std::log(std::max(value, 1e-30f));
  return mean;
}

const RowResult* find_row(const std::vector<RowResult>& rows, const std::string& label) {
  for (const auto& result : rows)
    if (result.row.label == label) return &result;
  return nullptr;
}

/// The gains known so far; the row that a gain is relative to may come later.
void compare_rows(TableResult& table) {
  for (auto& result : table.rows) {
    const auto* first =
        result.row.beside.empty() ? &table.rows.front() : find_row(table.rows, result.row.beside);
    if (first == &result) continue;
    for (auto& [column, cell] : result.cells) {
      const auto other = first->cells.find(column);
      if (!cell.gain && cell.skip_reason.empty() && other != first->cells.end() &&
          other->second.names == cell.names)
        cell.gain = paired_difference(other->second.right, cell.right);
    }
  }
}

}  // namespace

Reproduction::Reproduction(Options options) : options_(std::move(options)), images_(options_.image_sets) {}

TableResult Reproduction::run(const Manifest& manifest,
                              const std::function<void(const TableResult&)>& on_row) {
  TableResult table;
  table.manifest = manifest;
  for (const auto& row : manifest.rows) {
    auto& result = table.rows.emplace_back();
    result.row = row;
    result.skip_reason = row.is_quoted() ? "another's number" : "not yet run";
  }
  for (auto& result : table.rows) {
    if (result.row.is_quoted()) continue;
    expect_not_stopped(options_);
    if (options_.say) options_.say(manifest.name + ": " + result.row.label);
    run_row(manifest, table, result);
    compare_rows(table);
    if (on_row) on_row(table);
  }
  if (manifest.kind == "attention" || manifest.kind == "scales") {
    attend(table);
    if (on_row) on_row(table);
  }
  return table;
}

void Reproduction::run_row(const Manifest& manifest, TableResult& table, RowResult& result) {
  try {
    if (result.row.mean_of.empty()) train(result.row, result);
    result.skip_reason.clear();
    if (manifest.kind == "time") {
      const auto images = images_.column(image_set_of(result.row), "all").images;
      result.milliseconds = milliseconds_a_face(model_of(result), images->set, options_.engine);
      return;
    }
    for (const auto& column : manifest.columns) result.cells[column] = measure(table, result, column);
    if (manifest.kind == "scales") study_scales_of(result);
    const auto& all = result.cells.begin()->second;
    if (table.labels.empty() && all.skip_reason.empty())
      table.labels = images_.column(image_set_of(result.row), manifest.columns.front()).images->set.labels;
  } catch (const Unavailable& why) {
    result.skip_reason = why.what();
  } catch (const Error& error) {
    if (options_.stopped && options_.stopped()) throw;
    result.skip_reason = std::string("failed: ") + error.what();
    if (options_.say) options_.say("failed: " + std::string(error.what()));
  }
}

void Reproduction::train(const ManifestRow& row, RowResult& result) {
  const auto pack = images_.pack({row.train_on, row.aligned, row.posed});
  const auto recipe = recipe_under(options_.protocol, row.recipe);
  if (!recipe.start.empty() && !fs::exists(recipe.start))
    throw Unavailable("needs its start, " + recipe.start + ", which is not there (--start FILE)");
  const auto digest = digest_of(recipe, PackedDataset::open(pack).sha256());
  const auto folder = run_folder(options_.folder / "runs", recipe.name, digest);
  result.run = folder.filename().string();
  result.recipe = words_of(recipe);
  if (!is_trained(folder, recipe.epochs)) {
    write_text_atomically(folder / "recipe.json", to_json(recipe).dump(2) + "\n");
    if (!options_.train) throw Unavailable("not yet trained: " + (folder / "recipe.json").string());
    options_.train({folder, folder / "recipe.json", pack});
    if (!is_trained(folder, recipe.epochs)) throw Error("training is not finished", folder.string());
  }
  fs::remove(folder / "checkpoint.safetensors");
  result.losses = read_lines(folder / "losses.jsonl");
  result.model_hash = TensorFile::open(folder / "model.safetensors").sha256();
}

Model Reproduction::model_of(const RowResult& result) const {
  auto model = load_model(options_.folder / "runs" / result.run / "model.safetensors");
  lay_over(model.network.options, result.row.evaluate);
  return model;
}

SetPredictions Reproduction::model_predictions(const RowResult& result, const EvaluatedSet& images) {
  const Json key{{"model", result.model_hash},  {"evaluate", result.row.evaluate},
                 {"images", images.hash},       {"split", images.set.split},
                 {"count", images.set.count()}, {"precision", options_.engine.precision}};
  const auto text = key.dump();
  const auto file = options_.folder / "runs" / result.run /
                    ("predictions-" + sha256(std::as_bytes(std::span(text))).substr(0, 12) + ".safetensors");
  if (fs::exists(file)) {
    const auto kept = TensorFile::open(file);
    const auto values = [&](const char* name) {
      return kept.tensors().contains(name) ? kept.at(name).to_floats() : std::vector<float>{};
    };
    return {values("logits"), {}, values("weights"), values("places")};
  }
  if (options_.say) options_.say("measuring " + std::to_string(images.set.count()) + " images");
  const auto predictions = run_engine(model_of(result), images.set, options_);
  const auto count = static_cast<std::int64_t>(images.set.count());
  std::map<std::string, TensorView> tensors;
  for (const auto& [name, values] : {std::pair{"logits", &predictions.logits},
                                     {"weights", &predictions.view_weights},
                                     {"places", &predictions.places}})
    if (!values->empty())
      tensors[name] = {DType::f32, {count, std::ssize(*values) / count}, std::as_bytes(std::span(*values))};
  write_tensor_file(file, {}, tensors);
  return predictions;
}

std::vector<float> Reproduction::predictions(const TableResult& table, const RowResult& result,
                                             const EvaluatedSet& images) {
  if (result.row.mean_of.empty()) return model_predictions(result, images).logits;
  std::vector<std::vector<float>> all;
  for (const auto& label : result.row.mean_of) {
    const auto* other = find_row(table.rows, label);
    if (!other || !other->skip_reason.empty()) throw Unavailable("needs the row '" + label + "'");
    all.push_back(predictions(table, *other, images));
  }
  return mean_of_scores(all, images.set.labels.size());
}

Cell Reproduction::measure(const TableResult& table, const RowResult& result, const std::string& column) {
  Cell cell;
  try {
    const auto part = images_.column(image_set_of(result.row), column);
    const auto& set = part.images->set;
    const auto logits = predictions(table, result, *part.images);
    const Scores scores{set.labels.size(), logits, set.truth};
    cell.metrics = regard::measure(scores, part.rows, 1);
    cell.images = part.words;
    for (const auto row : part.rows) {
      const auto values = scores.row(row);
      cell.names.push_back(set.names[row]);
      cell.right.push_back(std::max_element(values.begin(), values.end()) - values.begin() == set.truth[row]);
    }
  } catch (const Unavailable& why) {
    cell.skip_reason = why.what();
  }
  return cell;
}

void Reproduction::choose_faces(TableResult& table) {
  for (const auto& [column, why] :
       {std::pair{"occlusion", "occluded"}, {"pose30", "non-frontal"}, {"all", "any"}}) {
    const std::size_t wanted = column == std::string("all") ? 5 - table.faces.size() : 2;
    const auto& row = table.rows.front().row;
    try {
      const auto part = images_.column(image_set_of(row), column);
      const auto& set = part.images->set;
      for (std::size_t i = 0; i < wanted; ++i) {
        const auto at = part.rows[(2 * i + 1) * part.rows.size() / (2 * wanted)];
        table.faces.push_back({set.names[at], set.labels[set.truth[at]], why, set.chips[at], {}});
      }
    } catch (const Unavailable&) {
      continue;
    }
  }
}

void Reproduction::choose_non_frontal_faces(TableResult& table) {
  const auto images = images_.column(image_set_of(table.rows.front().row), "all").images;
  const auto& set = images->set;
  for (const float yaw : {-45.f, -25.f, 0.f, 25.f, 45.f}) {
    const auto far = [&](std::size_t i) {
      return set.poses[i] ? std::abs(set.poses[i]->yaw - yaw) : std::numeric_limits<float>::infinity();
    };
    std::size_t nearest = 0;
    for (std::size_t i = 1; i < set.count(); ++i)
      if (far(i) < far(nearest)) nearest = i;
    if (!set.poses[nearest]) throw Unavailable("no head pose is known");
    table.faces.push_back({set.names[nearest],
                           set.labels[set.truth[nearest]],
                           "turned by " + std::to_string(std::lround(set.poses[nearest]->yaw)) + "°",
                           set.chips[nearest],
                           {}});
  }
}

void Reproduction::study_scales_of(RowResult& result) {
  const auto network = model_of(result).network;
  const auto names = attended_views(network);
  if (names.size() < 2 || attended_regions(network)) return;
  const auto [images, rows, words] = images_.column(image_set_of(result.row), "all");
  const auto predictions = model_predictions(result, *images);
  result.scales = study_views(names, predictions.view_weights, predictions.places);
  for (std::size_t s = 0; s < names.size(); ++s) {
    auto without = result;
    const auto less = without_view(network, static_cast<int>(s)).options;
    for (const char* key : {"only", "top"})
      if (less.contains(key)) without.row.evaluate[key] = less.at(key);
    const auto logits = model_predictions(without, *images).logits;
    const Scores scores{images->set.labels.size(), logits, images->set.truth};
    result.scales->views[s].without = regard::measure(scores, rows, 1);
  }
}

void Reproduction::attend(TableResult& table) {
  table.manifest.kind == "scales" ? choose_non_frontal_faces(table) : choose_faces(table);
  for (const auto& result : table.rows) {
    for (auto& face : table.faces) face.rows.emplace_back();
    if (!result.skip_reason.empty()) continue;
    const auto model = model_of(result);
    const auto names = attended_views(model.network);
    if (names.empty()) continue;
    const auto regions = attended_regions(model.network);
    const auto usual = landmark_places(model.chip());
    const Engine engine(model, options_.engine);
    for (auto& face : table.faces) {
      const ImageView chip = face.chip;
      const auto said = engine.predict({&chip, 1}, {&usual, 1});
      face.rows.back() = {names, regions ? views_of_face(*regions, usual) : affines_of(said.places),
                          said.view_weights};
    }
  }
}

}  // namespace regard

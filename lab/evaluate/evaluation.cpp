#include "lab/evaluate/evaluation.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "lab/datasets/lists.h"
#include "lab/datasets/packing.h"
#include "lab/metrics/calibration.h"
#include "regard/core/csv.h"
#include "regard/core/error.h"
#include "regard/core/text.h"
#include "regard/pipeline/model_files.h"

namespace regard {
namespace {

constexpr std::uint64_t kFoldSeed = 1;

/// Planar pixels as an image: grey of one plane, RGB of three.
Image image_of(std::span<const std::uint8_t> planes, int channels, int size) {
  Image image(size, size, channels);
  const std::size_t pixels = static_cast<std::size_t>(size) * size;
  for (std::size_t i = 0; i < planes.size(); ++i)
    image.pixels[i % pixels * static_cast<std::size_t>(channels) + i / pixels] = planes[i];
  return image;
}

void load_packed(const std::filesystem::path& data, EvaluationSet& set) {
  const auto packed = PackedDataset::open(data);
  if (set.dataset.empty()) set.dataset = packed.dataset();
  if (packed.dataset() != set.dataset)
    throw Error("another data set is packed there", data.string(), set.dataset, packed.dataset());
  set.labels = packed.labels();
  for (const auto index : packed.indices(set.split, true)) {
    set.names.push_back(packed.name(index));
    set.truth.push_back(packed.label(index));
    set.landmarks.push_back(packed.landmarks(index));
    set.poses.push_back(packed.pose(index));
    set.chips.push_back(image_of(packed.chip(index), packed.channels(), packed.size()));
  }
}

void load_tree(const Dataset& dataset, const std::filesystem::path& data, int chip_size, EvaluationSet& set) {
  PackJob job;
  job.source = data;
  job.splits = {set.split};
  if (!dataset.check) job.options.size = chip_size;
  job.detector = detector_file();
  const auto loaded = read_dataset(dataset, job);
  set.dataset = dataset.name;
  set.labels = dataset.labels;
  const std::size_t bytes = static_cast<std::size_t>(loaded.channels) * loaded.size * loaded.size;
  for (std::size_t i = 0; i < loaded.samples.size(); ++i) {
    if (loaded.samples[i].label < 0) continue;
    set.names.push_back(loaded.samples[i].name);
    set.truth.push_back(loaded.samples[i].label);
    set.landmarks.push_back(loaded.samples[i].landmarks);
    set.poses.push_back(loaded.samples[i].pose);
    set.chips.push_back(
        image_of(std::span(loaded.chips).subspan(i * bytes, bytes), loaded.channels, loaded.size));
  }
}

MetricsResult measure_with_intervals(const Scores& scores, std::span<const std::size_t> rows,
                                     double temperature) {
  return {measure(scores, rows, temperature), bootstrap_intervals(scores, rows, temperature)};
}

SubsetResult measure_subset(const EvaluationSet& set, const Scores& scores, const SubsetList& list,
                            double temperature) {
  const auto match = match_list(read_list(list.file), set.names, list.file.string());
  std::map<std::string, std::vector<std::size_t>> by_type;
  for (std::size_t i = 0; i < match.members.size(); ++i)
    if (!match.types[i].empty()) by_type[match.types[i]].push_back(match.members[i]);
  SubsetResult result{list.name,
                      list.file.string(),
                      match.absent,
                      measure_with_intervals(scores, match.members, temperature),
                      {}};
  for (const auto& [type, rows] : by_type)
    result.types.emplace_back(type, measure(scores, rows, temperature));
  return result;
}

void check_size(const EvaluationSet& set, std::span<const float> logits) {
  const auto expected = set.count() * set.labels.size();
  if (logits.size() != expected)
    throw Error("logits do not fit the images", {}, std::to_string(expected) + " values",
                std::to_string(logits.size()));
}

/// Of these rows, which the logits get right.
std::vector<bool> right_ones(const Scores& scores, std::span<const std::size_t> rows) {
  std::vector<bool> right;
  for (const auto i : rows) {
    const auto row = scores.row(i);
    right.push_back(std::max_element(row.begin(), row.end()) - row.begin() == scores.labels[i]);
  }
  return right;
}

/// The images with this label.
std::vector<std::size_t> rows_of(const EvaluationSet& set, std::size_t label) {
  auto rows = all_rows(set.count());
  std::erase_if(rows, [&](std::size_t row) { return set.truth[row] != static_cast<int>(label); });
  return rows;
}

std::vector<Mistake> mistakes_of(const Scores& scores, double temperature) {
  std::vector<Mistake> mistakes;
  for (std::size_t i = 0; i < scores.count(); ++i) {
    const auto probabilities = softmax(scores.row(i), temperature);
    const auto top = std::max_element(probabilities.begin(), probabilities.end());
    const int predicted = static_cast<int>(top - probabilities.begin());
    if (predicted != scores.labels[i])
      mistakes.push_back({i, predicted, *top, probabilities[scores.labels[i]]});
  }
  std::stable_sort(mistakes.begin(), mistakes.end(),
                   [](const Mistake& a, const Mistake& b) { return a.certainty > b.certainty; });
  return mistakes;
}

Json pair_of(const Interval& interval) {
  return Json::array({interval.low, interval.high});
}

/// {label: value(index)}
template <class Value>
Json by_label(const std::vector<std::string>& labels, Value value) {
  Json json = Json::object();
  for (std::size_t i = 0; i < labels.size(); ++i) json[labels[i]] = value(i);
  return json;
}

Json confusion_json(const Metrics& metrics) {
  Json rows = Json::array();
  for (std::size_t row = 0; row < metrics.classes(); ++row) {
    rows.push_back(Json::array());
    for (std::size_t column = 0; column < metrics.classes(); ++column)
      rows.back().push_back(metrics.confusion(row, column));
  }
  return rows;
}

Json reliability_json(const Metrics& metrics) {
  Json bins = Json::array();
  for (std::size_t i = 0; i < metrics.bins().size(); ++i) {
    const auto& bin = metrics.bins()[i];
    Json entry{{"above", static_cast<double>(i) / Metrics::kBins}, {"count", bin.count}};
    entry["accuracy"] = bin.count ? Json(static_cast<double>(bin.correct) / bin.count) : Json();
    entry["confidence"] = bin.count ? Json(bin.confidence / bin.count) : Json();
    bins.push_back(std::move(entry));
  }
  return bins;
}

Json to_json(const Metrics& m, const std::vector<std::string>& labels) {
  Json json;
  json["accuracy"] = m.accuracy();
  json["count"] = m.count();
  json["interval"] = pair_of(m.accuracy_interval());
  json["support"] = by_label(labels, [&](std::size_t i) { return m.support(i); });
  json["recall"] = by_label(labels, [&](std::size_t i) { return m.recall(i); });
  json["recall_interval"] = by_label(labels, [&](std::size_t i) { return pair_of(m.recall_interval(i)); });
  json["precision"] = by_label(labels, [&](std::size_t i) { return m.precision(i); });
  json["precision_interval"] =
      by_label(labels, [&](std::size_t i) { return pair_of(m.precision_interval(i)); });
  json["balanced_accuracy"] = m.balanced_accuracy();
  json["macro_f1"] = m.macro_f1();
  json["confusion"] = confusion_json(m);
  json["ece"] = m.calibration_error();
  json["nll"] = m.log_loss();
  json["reliability"] = reliability_json(m);
  return json;
}

Json to_json(const MetricsResult& result, const std::vector<std::string>& labels) {
  Json json = to_json(result.metrics, labels);
  json["balanced_accuracy_interval"] = pair_of(result.intervals.balanced_accuracy);
  json["macro_f1_interval"] = pair_of(result.intervals.macro_f1);
  json["ece_interval"] = pair_of(result.intervals.calibration_error);
  json["nll_interval"] = pair_of(result.intervals.log_loss);
  return json;
}

Json to_json(const PairedDifference& paired) {
  return {{"difference", paired.difference},
          {"interval", pair_of(paired.interval)},
          {"only_this", paired.only_second},
          {"only_other", paired.only_first}};
}

Json to_json(const Comparison& comparison) {
  Json json{{"model", {{"name", comparison.other.model}, {"hash", comparison.other.model_hash}}}};
  json.update(to_json(comparison.all));
  json["subsets"] = Json::object();
  for (const auto& [name, paired] : comparison.subsets) json["subsets"][name] = to_json(paired);
  json["recall"] = Json::object();
  for (const auto& [label, count, paired] : comparison.recalls) {
    json["recall"][label] = to_json(paired);
    json["recall"][label]["count"] = count;
  }
  return json;
}

Json to_json(const SubsetResult& subset, const std::vector<std::string>& labels) {
  Json json = {{"list", subset.list}, {"absent", subset.absent}};
  json.update(to_json(subset.overall, labels));
  json["types"] = Json::object();
  for (const auto& [type, metrics] : subset.types)
    json["types"][type] = {{"accuracy", metrics.accuracy()},
                           {"count", metrics.count()},
                           {"interval", pair_of(metrics.accuracy_interval())}};
  return json;
}

void append(std::vector<float>& all, const std::vector<float>& part) {
  all.insert(all.end(), part.begin(), part.end());
}

}  // namespace

namespace {

/// mu nu; mu where there is no nu.
std::vector<float> product(std::vector<float> mu, const std::vector<float>& nu) {
  for (std::size_t i = 0; i < nu.size(); ++i) mu[i] *= nu[i];
  return mu;
}

}  // namespace

SetPredictions predictions_of(const Engine& engine, const Model& model, const EvaluationSet& set,
                              const std::function<void(std::size_t done)>& on_part) {
  constexpr std::size_t kAtOnce = 64;
  const std::vector<ImageView> chips(set.chips.begin(), set.chips.end());
  const auto usual = landmark_places(model.chip());
  const bool angles = predicts_pose(model.network);
  std::vector<Landmarks> landmarks;
  for (const auto& known : set.landmarks) landmarks.push_back(known.value_or(usual));
  SetPredictions predictions;
  for (std::size_t i = 0; i < chips.size(); i += kAtOnce) {
    const auto count = std::min(kAtOnce, chips.size() - i);
    const auto part =
        engine.predict(std::span(chips).subspan(i, count), std::span(landmarks).subspan(i, count));
    append(predictions.logits, part.logits);
    append(predictions.view_weights, part.view_weights);
    append(predictions.places, part.places);
    append(predictions.features, part.features);
    append(predictions.attention, product(part.self_attention, part.relation_attention));
    if (angles) append(predictions.poses, part.pose);
    on_part(i + count);
  }
  return predictions;
}

void EvaluationSet::add(EvaluationSet& other, std::size_t row, int label) {
  names.push_back(std::move(other.names[row]));
  truth.push_back(label);
  chips.push_back(std::move(other.chips[row]));
  landmarks.push_back(other.landmarks[row]);
  poses.push_back(other.poses[row]);
}

EvaluationSet load_evaluation_set(const std::string& dataset, const std::filesystem::path& data,
                                  const std::string& split, int chip_size) {
  EvaluationSet set;
  set.dataset = dataset;
  set.split = split;
  if (is_packed(data))
    load_packed(data, set);
  else
    load_tree(find_dataset(dataset.empty() ? "ferplus" : dataset), data, chip_size, set);
  if (set.names.empty()) throw Error("split has no images with a majority label", data.string(), {}, split);
  return set;
}

EvaluationSet keep_labels(EvaluationSet set, const LabelMatch& match) {
  EvaluationSet kept{set.dataset, set.split, match.labels, {}, {}, {}, {}, {}};
  for (std::size_t i = 0; i < set.count(); ++i)
    if (const int label = match.of_data[static_cast<std::size_t>(set.truth[i])]; label >= 0)
      kept.add(set, i, label);
  if (kept.names.empty()) throw Error("no image has a label that the model knows", set.dataset);
  return kept;
}

std::vector<float> select_outputs(std::span<const float> logits, std::size_t outputs,
                                  const LabelMatch& match) {
  std::vector<float> selected;
  for (std::size_t row = 0; row + outputs <= logits.size(); row += outputs)
    for (const int column : match.in_model)
      selected.push_back(logits[row + static_cast<std::size_t>(column)]);
  return selected;
}

Evaluation evaluate(const EvaluationSet& set, const SetPredictions& predictions, const RunInfo& run,
                    std::span<const SubsetList> subsets) {
  check_size(set, predictions.logits);
  const Scores scores{set.labels.size(), predictions.logits, set.truth};
  Evaluation result{set.dataset,
                    set.split,
                    set.labels,
                    run,
                    measure_with_intervals(scores, all_rows(scores.count()), run.temperature),
                    {},
                    {},
                    measure_by_pose(scores, set.poses, run.temperature),
                    {},
                    {},
                    {},
                    {}};
  if (!run.views.empty() && !predictions.view_weights.empty())
    result.views = study_views(run.views, predictions.view_weights, predictions.places);
  if (result.by_pose && !predictions.poses.empty())
    result.by_pose->error = pose_error(predictions.poses, set.poses);
  if (run.fitted_here)
    result.cross_fitted_error =
        cross_fitted(scores, seeded_folds(scores.count(), kFolds, kFoldSeed)).calibration_error();
  std::set<std::string> names;
  for (const auto& list : subsets) {
    if (!names.insert(list.name).second) throw Error("two subsets have the same name", list.name);
    result.subsets.push_back(measure_subset(set, scores, list, run.temperature));
  }
  result.mistakes = mistakes_of(scores, run.temperature);
  return result;
}

Comparison compare(const EvaluationSet& set, std::span<const float> logits, std::span<const float> others,
                   const RunInfo& other, std::span<const SubsetList> subsets) {
  check_size(set, logits);
  check_size(set, others);
  const Scores ours{set.labels.size(), logits, set.truth}, theirs{set.labels.size(), others, set.truth};
  const auto difference = [&](std::span<const std::size_t> rows) {
    return paired_difference(right_ones(theirs, rows), right_ones(ours, rows));
  };
  Comparison result{other, difference(all_rows(ours.count())), {}, {}};
  for (const auto& list : subsets) {
    const auto match = match_list(read_list(list.file), set.names, list.file.string());
    result.subsets.emplace_back(list.name, difference(match.members));
  }
  for (std::size_t label = 0; label < set.labels.size(); ++label)
    if (const auto rows = rows_of(set, label); !rows.empty())
      result.recalls.push_back({set.labels[label], rows.size(), difference(rows)});
  return result;
}

PoseInvariance pose_invariance(const EvaluationSet& set, std::span<const float> logits,
                               std::span<const float> features) {
  check_size(set, logits);
  return measure_pose_invariance({set.labels.size(), logits, set.truth}, features, set.poses);
}

Json to_json(const Evaluation& evaluation) {
  Json json = {{"dataset", evaluation.dataset}, {"split", evaluation.split}};
  json["model"] = {{"name", evaluation.run.model}, {"hash", evaluation.run.model_hash}};
  if (!evaluation.run.training.empty()) json["model"]["trained_on"] = evaluation.run.training;
  if (!evaluation.run.settings.empty()) json["settings"] = evaluation.run.settings;
  json["engine"] = evaluation.run.engine;
  json["temperature"] = evaluation.run.temperature;
  json.update(to_json(evaluation.overall, evaluation.labels));
  if (evaluation.cross_fitted_error) json["ece_cross_fitted"] = *evaluation.cross_fitted_error;
  json["subsets"] = Json::object();
  for (const auto& subset : evaluation.subsets)
    json["subsets"][subset.name] = to_json(subset, evaluation.labels);
  if (evaluation.by_pose) json["by_pose"] = to_json(*evaluation.by_pose);
  if (evaluation.views) json["views"] = to_json(*evaluation.views);
  if (evaluation.pose_invariance) json["pose_invariance"] = to_json(*evaluation.pose_invariance);
  if (evaluation.against) json["against"] = to_json(*evaluation.against);
  return json;
}

std::string predictions_csv(const EvaluationSet& set, std::span<const float> logits, double temperature) {
  std::ostringstream csv;
  csv.precision(6);
  csv << "name,label,predicted";
  for (const auto& label : set.labels) csv << ',' << csv_field(label);
  csv << '\n';
  const Scores scores{set.labels.size(), logits, set.truth};
  for (std::size_t i = 0; i < set.count(); ++i) {
    const auto probabilities = softmax(scores.row(i), temperature);
    const auto top = std::max_element(probabilities.begin(), probabilities.end()) - probabilities.begin();
    csv << csv_field(set.names[i]) << ',' << csv_field(set.labels[set.truth[i]]) << ','
        << csv_field(set.labels[top]);
    for (const double probability : probabilities) csv << ',' << probability;
    csv << '\n';
  }
  return csv.str();
}

}  // namespace regard

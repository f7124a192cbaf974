#include "lab/reproduce/measuring.h"

#include <algorithm>
#include <cmath>

#include "lab/reproduce/columns.h"
#include "lab/timing/timing.h"
#include "regard/network/network.h"

namespace regard {

namespace {

/// Options of the network for one draw of its regions.
Json evaluated_with(const ManifestRow& row, int draw) {
  Json evaluate = row.evaluate;
  if (row.draws > 1) evaluate["views"]["regions"]["seed"] = draw + 1;
  return evaluate;
}

/// Logarithms of the mean of the probabilities.
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

/// Which of a row's runs: a seed, a draw of regions, a fold of people.
struct Part {
  std::size_t seed = 0, fold = 0;
  int draw = 0;
};

std::vector<float> logits_of(const TableRun& run, const RowResult& result, const Part& part,
                             const EvaluatedSet& images) {
  if (result.row.mean_of.empty())
    return run.runs
        .predictions(result.models[part.seed][part.fold], evaluated_with(result.row, part.draw), images)
        .logits;
  std::vector<std::vector<float>> all;
  for (const auto& label : result.row.mean_of) {
    const auto* other = run.find(label);
    if (!other || !other->is_run()) throw Unavailable("needs the row '" + label + "'");
    all.push_back(logits_of(run, *other, part, images));
  }
  return mean_of_scores(all, images.set.labels.size());
}

/// Adds the predictions of one run to the metrics, and its correct images to `right`.
void add_answers(const std::vector<float>& logits, const ColumnImages& column, Metrics& metrics,
                 std::vector<float>& right) {
  const auto& set = column.images->set;
  const Scores scores{set.labels.size(), logits, set.truth};
  metrics.merge(measure(scores, column.rows, 1));
  for (const auto row : column.rows) {
    const auto values = scores.row(row);
    right.push_back(std::max_element(values.begin(), values.end()) - values.begin() == set.truth[row]);
  }
}

/// The mean of several measurements of one run, image by image.
std::vector<float> mean_of(const Replicates& measurements) {
  std::vector<float> mean(measurements.front().size());
  for (const auto& one : measurements)
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += one[i] / static_cast<float>(measurements.size());
  return mean;
}

/// The images of a column, fold by fold.
std::vector<ColumnImages> images_of(TableRun& run, const RowResult& result, const Column& column) {
  std::vector<ColumnImages> folds;
  for (const auto& key : result.images) folds.push_back(column.find(run.images, key, column));
  return folds;
}

std::size_t seeds_of(const TableRun& run, const RowResult& result) {
  return result.row.mean_of.empty() ? result.models.size() : static_cast<std::size_t>(run.options.seeds);
}

/// What all runs of a row have told rightly in a column; by draw where there is one seed.
void measure_runs(const TableRun& run, const RowResult& result, const std::vector<ColumnImages>& folds,
                  Cell& cell) {
  const auto seeds = seeds_of(run, result);
  for (std::size_t seed = 0; seed < seeds; ++seed) {
    Replicates draws;
    for (int draw = 0; draw < result.row.draws; ++draw) {
      auto& right = draws.emplace_back();
      for (std::size_t fold = 0; fold < folds.size(); ++fold)
        add_answers(logits_of(run, result, {seed, fold, draw}, *folds[fold].images), folds[fold],
                    cell.metrics, right);
    }
    if (seeds == 1)
      cell.right = std::move(draws);
    else
      cell.right.push_back(mean_of(draws));
  }
}

/// The number with its interval: Wilson's for a single run, else over runs and images.
void summarise(Cell& cell) {
  cell.value = cell.metrics.accuracy();
  cell.count = cell.names.size();
  if (cell.right.size() == 1) {
    cell.interval = cell.metrics.accuracy_interval();
    return;
  }
  const auto mean = replicated_mean(cell.right);
  cell.interval = mean.interval;
  cell.std = mean.std;
}

Cell measure_column(TableRun& run, const RowResult& result, const Column& column) {
  Cell cell;
  try {
    const auto folds = images_of(run, result, column);
    cell.images = folds.front().words;
    if (folds.size() > 1) cell.images += ", of all " + std::to_string(folds.size()) + " folds together";
    cell.labels = folds.front().images->set.labels;
    cell.metrics = Metrics(cell.labels.size());
    for (const auto& fold : folds)
      for (const auto row : fold.rows) {
        cell.names.push_back(fold.images->set.names[row]);
        cell.truth.push_back(fold.images->set.truth[row]);
      }
    measure_runs(run, result, folds, cell);
    summarise(cell);
  } catch (const Unavailable& why) {
    cell.skip_reason = why.what();
  }
  return cell;
}

ReplicatedMean gain_over(const Replicates& first, const Replicates& second) {
  if (first.size() > 1 || second.size() > 1) return replicated_difference(first, second);
  const auto bits = [](const std::vector<float>& right) {
    return std::vector<bool>(right.begin(), right.end());
  };
  const auto gain = paired_difference(bits(first.front()), bits(second.front()));
  return {gain.difference, std::numeric_limits<double>::quiet_NaN(), gain.interval};
}

/// The runs on the images with this label.
Replicates with_label(const Cell& cell, int label) {
  Replicates runs;
  for (const auto& right : cell.right) {
    auto& kept = runs.emplace_back();
    for (std::size_t i = 0; i < right.size(); ++i)
      if (cell.truth[i] == label) kept.push_back(right[i]);
  }
  return runs;
}

std::vector<RecallGain> recall_gains(const Cell& first, const Cell& second) {
  std::vector<RecallGain> gains;
  for (int label = 0; label < static_cast<int>(second.labels.size()); ++label) {
    const auto before = with_label(first, label), after = with_label(second, label);
    if (const auto count = after.front().size(); count > 0)
      gains.push_back({second.labels[static_cast<std::size_t>(label)], count, gain_over(before, after)});
  }
  return gains;
}

/// Where both were measured on the same images.
void compare_cells(const Cell& first, Cell& second) {
  if (second.gain || !second.skip_reason.empty() || second.right.empty() || first.names != second.names)
    return;
  second.gain = gain_over(first.right, second.right);
  second.recall_gains = recall_gains(first, second);
}

/// Of one row of weights: the softmax over the views.
std::vector<double> shares_of(std::span<const float> attention) {
  return softmax(attention, 1);
}

Spread spread_of(const std::vector<double>& values) {
  Spread spread;
  for (const double value : values) spread.mean += value / static_cast<double>(values.size());
  for (const double value : values)
    spread.std += (value - spread.mean) * (value - spread.mean) / static_cast<double>(values.size());
  spread.std = std::sqrt(spread.std);
  return spread;
}

/// Mean of the shares of the views whose names begin so; NaN if there are none.
double mean_share(const std::vector<double>& shares, const std::vector<std::string>& names,
                  const std::string& beginning) {
  double sum = 0;
  int count = 0;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i].starts_with(beginning)) sum += shares[i], ++count;
  return sum / count;
}

AttentionFacts facts_of(std::span<const float> attention, const std::vector<std::string>& names,
                        std::span<const std::size_t> rows) {
  const std::size_t views = names.size();
  std::int64_t whole_first = 0, centre_first = 0;
  bool has_places = true;
  std::vector<double> whole, unevenness;
  for (const auto row : rows) {
    const auto shares = shares_of(attention.subspan(row * views, views));
    whole_first += std::max_element(shares.begin(), shares.end()) == shares.begin();
    whole.push_back(shares.front() * static_cast<double>(views));
    unevenness.push_back(spread_of(shares).std * static_cast<double>(views));
    const double centre = mean_share(shares, names, "centre"), corner = mean_share(shares, names, "top");
    has_places &= std::isfinite(centre) && std::isfinite(corner);
    centre_first += centre > corner;
  }
  const auto count = static_cast<std::int64_t>(rows.size());
  AttentionFacts facts{
      rows.size(), wilson_interval(whole_first, count), spread_of(whole), spread_of(unevenness), {}};
  if (has_places) facts.centre_first = wilson_interval(centre_first, count);
  return facts;
}

}  // namespace

const RowResult* TableRun::find(const std::string& label) const {
  for (const auto& result : table.rows)
    if (result.row.label == label) return &result;
  return nullptr;
}

void measure_accuracy(TableRun& run, RowResult& result) {
  for (const auto& name : run.table.manifest.columns)
    result.cells[name] = measure_column(run, result, find_column(name, run.table.manifest.name));
  if (!run.table.labels.empty()) return;
  for (const auto& [name, cell] : result.cells)
    if (cell.skip_reason.empty())
      run.table.labels = run.images.load(result.images.front(), false)->set.labels;
}

void measure_scales(TableRun& run, RowResult& result) {
  measure_accuracy(run, result);
  const auto network = run.runs.load(result.model(), result.row.evaluate).network;
  const auto names = attended_views(network);
  if (names.size() < 2 || attended_regions(network)) return;
  const auto images = run.images.load(result.images.front(), false);
  const auto predictions = run.runs.predictions(result.model(), result.row.evaluate, *images);
  result.scales = study_views(names, predictions.view_weights, predictions.places);
  for (std::size_t s = 0; s < names.size(); ++s) {
    Json evaluate = result.row.evaluate;
    const auto less = without_view(network, static_cast<int>(s)).options;
    for (const char* key : {"only", "top"})
      if (less.contains(key)) evaluate[key] = less.at(key);
    const auto logits = run.runs.predictions(result.model(), evaluate, *images).logits;
    const Scores scores{images->set.labels.size(), logits, images->set.truth};
    result.scales->views[s].without = measure(scores, all_rows(images->set.count()), 1);
  }
}

void measure_attention(TableRun& run, RowResult& result) {
  measure_accuracy(run, result);
  const auto names = attended_views(run.runs.load(result.model(), result.row.evaluate).network);
  if (names.empty()) return;
  for (const auto& [name, cell] : result.cells) {
    if (!cell.skip_reason.empty()) continue;
    const auto& column = find_column(name, run.table.manifest.name);
    const auto part = column.find(run.images, result.images.front(), column);
    const auto predictions = run.runs.predictions(result.model(), result.row.evaluate, *part.images);
    result.attention[name] = facts_of(predictions.attention, names, part.rows);
  }
}

void measure_time(TableRun& run, RowResult& result) {
  constexpr std::size_t kWarm = 3, kTimes = 31;
  const auto images = run.images.load(result.images.front(), false);
  const auto model = run.runs.load(result.model(), result.row.evaluate);
  const Engine engine(model, run.options.engine);
  const auto usual = landmark_places(model.chip());
  std::vector<double> times;
  for (std::size_t i = 0; i < kWarm + kTimes; ++i) {
    const auto row = i % images->set.count();
    const ImageView chip = images->set.chips[row];
    const auto landmarks = images->set.landmarks[row].value_or(usual);
    const auto time = milliseconds([&] { engine.predict({&chip, 1}, {&landmarks, 1}); });
    if (i >= kWarm) times.push_back(time);
  }
  auto& cell = result.cells[run.table.manifest.columns.front()];
  cell.value = median(times);
  cell.count = kTimes;
}

void count_images(TableRun& run, RowResult& result) {
  for (const auto& name : run.table.manifest.columns) {
    Cell& cell = result.cells[name];
    try {
      const auto& column = find_column(name, run.table.manifest.name);
      const auto found = column.find(run.images, result.images.front(), column);
      cell.count = found.rows.size();
      cell.value = static_cast<double>(cell.count);
      cell.images = found.words;
    } catch (const Unavailable& why) {
      cell.skip_reason = why.what();
    }
  }
}

void compare_rows(TableResult& table) {
  for (auto& result : table.rows) {
    const auto first = result.row.beside.empty()
                           ? table.rows.begin()
                           : std::ranges::find(table.rows, result.row.beside,
                                               [](const RowResult& other) { return other.row.label; });
    if (first == table.rows.end() || &*first == &result) continue;
    for (auto& [column, cell] : result.cells)
      if (const auto other = first->cells.find(column); other != first->cells.end())
        compare_cells(other->second, cell);
  }
}

}  // namespace regard

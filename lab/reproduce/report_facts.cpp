#include "lab/reproduce/report_facts.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "lab/recipe/recipe.h"
#include "lab/report/plots.h"
#include "lab/reproduce/columns.h"
#include "lab/reproduce/figures.h"
#include "regard/model/model.h"

namespace regard {

namespace {

/// The first row of ours that was trained and measured.
const RowResult* any_run(const TableResult& table) {
  for (const auto& result : table.rows)
    if (result.is_run() && !result.models.empty()) return &result;
  return nullptr;
}

/// Keys that both have with other values, "optimizer.learning_rate" and the like.
void collect_keys(const Json& stated, const Json& used, const std::string& prefix,
                  std::vector<Difference>& lines) {
  for (const auto& [key, value] : stated.items()) {
    if (key == "name" || key == "start" || !used.contains(key) || used.at(key) == value) continue;
    if (value.is_object() && used.at(key).is_object())
      collect_keys(value, used.at(key), prefix + key + ".", lines);
    else
      lines.push_back({prefix + key, value.dump(), used.at(key).dump()});
  }
  for (const auto& [key, value] : used.items())
    if (!stated.contains(key)) lines.push_back({prefix + key, "–", value.dump()});
}

std::string start_words(const Protocol& protocol) {
  const auto start = protocol.recipe.value("start", Json(""));
  if (!start.is_string() || start == "") return "none";
  const auto model = load_model(start.get<std::string>());
  std::string words = model.name;
  if (model.data.contains("dataset"))
    words += ", which has been trained on " + model.data.at("dataset").get<std::string>() + " before";
  return words;
}

/// Of every data set once: which part was measured, on chips of which size, and what became of its images.
void collect_data(const TableResult& table, std::vector<Difference>& lines) {
  std::set<std::string> known;
  const auto add = [&](const Difference& line) {
    if (known.insert(line.what + "\n" + line.here).second) lines.push_back(line);
  };
  for (const auto& result : table.rows) {
    const auto& row = result.row;
    if (!result.is_run() || result.split.empty()) continue;
    if (result.split != row.split)
      add({"images measured", row.dataset + " " + row.split, row.dataset + " " + result.split});
    if (result.chip_size < result.input_size)
      add({"chips of " + row.dataset, std::to_string(result.input_size) + " pixels",
           std::to_string(result.chip_size) + " pixels, enlarged"});
    for (const auto& folds : result.models)
      for (const auto& note : folds.front().notes) add({"data of " + row.train_on, "–", note});
  }
}

}  // namespace

std::string rounded_points(double share) {
  return (share < 0 ? "−" : "+") + fixed(100 * std::abs(share), 1);
}

std::string interval_points(const Interval& interval) {
  return rounded_points(interval.low) + " to " + rounded_points(interval.high);
}

bool has_paper(const TableResult& table) {
  return std::ranges::any_of(table.rows, [](const auto& result) { return !result.row.paper.empty(); });
}

std::vector<std::string> image_lines(const TableResult& table) {
  std::vector<std::string> lines;
  std::set<std::string> datasets;
  for (const auto& result : table.rows) datasets.insert(result.row.dataset);
  for (const auto& dataset : datasets)
    for (const auto& column : table.manifest.columns) {
      const auto found = std::ranges::find_if(table.rows, [&](const auto& result) {
        return result.row.dataset == dataset && told_cell(result, column);
      });
      if (found == table.rows.end()) continue;
      const auto* cell = told_cell(*found, column);
      if (!cell->images.empty())
        lines.push_back((datasets.size() > 1 ? dataset + ", " : "") + find_column(column, {}).words + ": " +
                        std::to_string(cell->count) + " images (" + cell->images + ")");
    }
  return lines;
}

std::vector<Difference> differences(const TableResult& table, const ReproduceOptions& options) {
  std::vector<Difference> lines;
  const auto* result = any_run(table);
  if (result && has_paper(table)) lines = table.manifest.differences;
  collect_data(table, lines);
  if (!result) return lines;
  const auto stated = read_recipe(result->row.recipe);
  if (const auto start = options.protocol.recipe.find("start"); start != options.protocol.recipe.end())
    lines.push_back(
        {"start", std::filesystem::path(stated.start).stem().string(), start_words(options.protocol)});
  collect_keys(to_json(stated), result->model().recipe, "", lines);
  return lines;
}

std::string warning(const TableResult& table, const ReproduceOptions& options) {
  if (!has_paper(table) || !any_run(table) || differences(table, options).empty()) return "";
  std::string text =
      "The paper's numbers and ours cannot be compared directly: ours come from other images, other methods "
      "or shorter runs (all differences are listed below). Rows of one column can be compared with each "
      "other.";
  if (start_words(options.protocol).find("has been trained on") != std::string::npos)
    text +=
        " The start was trained on such labels, so all rows begin close to their final accuracy, and differ "
        "less than from a start that has only seen faces.";
  return text;
}

}  // namespace regard

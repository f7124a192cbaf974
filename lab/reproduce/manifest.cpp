#include "lab/reproduce/manifest.h"

#include <algorithm>
#include <charconv>

#include "lab/reproduce/columns.h"
#include "lab/reproduce/kinds.h"
#include "regard/core/csv.h"
#include "regard/core/file.h"
#include "regard/core/text.h"
#include "regard/core/toml.h"

namespace regard {

namespace {

/// A table's file, its rows not yet read.
struct TableText {
  Manifest manifest;
  std::vector<Json> row;
  std::string cells;

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("title", manifest.title, "");
    visit("about", manifest.about, "what is varied, in one or two sentences");
    visit("kind", manifest.kind, "kind of table (lab/reproduce/kinds.cpp)");
    visit("paper", manifest.paper, "citation of the paper");
    visit("posed", manifest.posed, "whether its data is packed with head poses");
    visit("across", manifest.across, "curve: label of the horizontal axis");
    visit("dataset", manifest.dataset, "data set for training and evaluation");
    visit("split", manifest.split, "the paper's split: train, valid or test");
    visit("train_splits", manifest.train_splits,
          "the splits that the paper trains on; the evaluated one is left out");
    visit("columns", manifest.columns, "columns (lab/reproduce/columns.cpp)");
    visit("cells", cells, "confusion: a table of the paper's cells, relative to this file");
    visit("row", row, "its rows");
  }
};

void expect_one_of(const std::string& word, const std::vector<std::string>& known, const std::string& where) {
  if (std::find(known.begin(), known.end(), word) != known.end()) return;
  throw Error("unknown word in a table", where, join(known), word);
}

/// The rows of a .csv with a header and lines of comments, which begin with "#". Throws Error for a row with
/// another number of fields.
std::vector<std::vector<std::string>> csv_rows(const std::filesystem::path& path, std::size_t fields) {
  std::vector<std::vector<std::string>> rows;
  const auto text = decode_text(read_text(path), path.string());
  CsvReader reader(text, path.string());
  while (const auto row = reader.next()) {
    if (row->fields[0].starts_with('#')) continue;
    if (row->fields.size() != fields)
      throw Error("row has the wrong number of fields", reader.place(*row), std::to_string(fields),
                  join(row->fields, ","));
    rows.push_back(row->fields);
  }
  if (!rows.empty()) rows.erase(rows.begin());
  return rows;
}

std::vector<PaperCell> read_cells(const std::filesystem::path& path) {
  std::vector<PaperCell> cells;
  for (const auto& row : csv_rows(path, 6)) {
    cells.push_back({row[0], row[1], row[2], row[3], row[4], 0});
    const auto* end = row[5].data() + row[5].size();
    if (std::from_chars(row[5].data(), end, cells.back().share).ptr != end || row[5].empty())
      throw Error("share is no number", path.string(), {}, row[5]);
  }
  return cells;
}

std::vector<Difference> read_differences(const std::filesystem::path& path) {
  std::vector<Difference> differences;
  if (!std::filesystem::exists(path)) return differences;
  for (const auto& row : csv_rows(path, 3)) differences.push_back({row[0], row[1], row[2]});
  return differences;
}

ManifestRow read_row(const Json& json, const Manifest& manifest, const std::string& where) {
  ManifestRow row;
  from_json(json, row, where);
  for (const auto& [column, value] : row.paper.items()) {
    expect_one_of(column, manifest.columns, where + ": paper");
    if (!value.is_number()) throw Error("paper's number is none", where + ": " + column, {}, value.dump());
  }
  row.posed = manifest.posed;
  if (row.dataset.empty()) row.dataset = manifest.dataset;
  if (row.train_on.empty()) row.train_on = row.dataset;
  if (row.split.empty()) row.split = manifest.split;
  if (row.train_splits.empty()) row.train_splits = manifest.train_splits;
  expect_one_of(row.split, {"train", "valid", "test"}, where + ": split");
  if (row.folds < 0 || row.folds == 1 || row.draws < 1)
    throw Error("number is out of range", where, "folds 0, 2 or more; draws 1 or more");
  if (row.recipe.empty()) return row;
  const auto recipe = (manifest.file.parent_path() / row.recipe).lexically_normal();
  if (!std::filesystem::exists(recipe)) throw Error("recipe is missing", where, recipe.string());
  row.recipe = recipe.string();
  return row;
}

}  // namespace

Manifest read_manifest(const std::filesystem::path& path) {
  TableText text;
  from_json(read_toml(path), text, path.string());
  auto& manifest = text.manifest;
  manifest.name = path.stem().string();
  manifest.file = path;
  find_kind(manifest.kind, path.string());
  for (const auto& column : manifest.columns) find_column(column, path.string());
  if (manifest.columns.empty() || text.row.empty())
    throw Error("table has no columns or no rows", path.string());
  if (!text.cells.empty()) manifest.cells = read_cells(path.parent_path() / text.cells);
  manifest.differences = read_differences(path.parent_path().parent_path() / "differences.csv");
  std::vector<std::string> labels;
  for (const auto& json : text.row) {
    const auto where = path.string() + ": row " + std::to_string(labels.size() + 1);
    auto row = read_row(json, manifest, where);
    for (const auto& label : row.mean_of) expect_one_of(label, labels, where + ": mean_of");
    if (std::find(labels.begin(), labels.end(), row.label) != labels.end())
      throw Error("two rows have the same label", where, {}, row.label);
    labels.push_back(row.label);
    manifest.rows.push_back(std::move(row));
  }
  for (const auto& row : manifest.rows)
    if (!row.beside.empty()) expect_one_of(row.beside, labels, path.string() + ": " + row.label + ": beside");
  return manifest;
}

std::vector<std::filesystem::path> find_manifests(const std::filesystem::path& recipes) {
  if (!std::filesystem::is_directory(recipes)) throw Error("folder of recipes is missing", recipes.string());
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(recipes)) {
    const auto& path = entry.path();
    if (path.extension() == ".toml" && path.parent_path().filename() == "tables") found.push_back(path);
  }
  // "fig10" behind "fig9"
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    const auto key = [](const std::filesystem::path& path) {
      const auto stem = path.stem().string();
      const auto digits = std::min(stem.find_first_of("0123456789"), stem.size());
      return std::tuple(stem.substr(0, digits), stem.size(), stem);
    };
    return key(a) < key(b);
  });
  return found;
}

}  // namespace regard

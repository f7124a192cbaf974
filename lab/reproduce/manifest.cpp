#include "lab/reproduce/manifest.h"

#include <algorithm>
#include <set>

#include "regard/core/toml.h"

namespace regard {

namespace {

/// A table's file, its rows not yet read.
struct TableText {
  Manifest manifest;
  std::vector<Json> row;

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("title", manifest.title, "");
    visit("about", manifest.about, "what is varied, in one or two sentences");
    visit("kind", manifest.kind,
          "form of the report: table, bars, curve, confusion, attention, scales or time");
    visit("paper", manifest.paper, "citation of the paper");
    visit("posed", manifest.posed, "whether the data is packed with head poses");
    visit("across", manifest.across, "curve: label of the horizontal axis");
    visit("dataset", manifest.dataset, "data set for training and evaluation");
    visit("split", manifest.split, "the paper's split");
    visit("columns", manifest.columns, "all, occlusion, pose30, pose45 or milliseconds");
    visit("row", row, "its rows");
  }
};

void expect_one_of(const std::string& word, const std::vector<std::string>& known, const std::string& where) {
  if (std::find(known.begin(), known.end(), word) != known.end()) return;
  std::string expected;
  for (const auto& one : known) expected += (expected.empty() ? "" : ", ") + one;
  throw Error("unknown word in a table", where, expected, word);
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
  expect_one_of(manifest.kind, {"table", "bars", "curve", "confusion", "attention", "scales", "time"},
                path.string());
  for (const auto& column : manifest.columns)
    expect_one_of(column, {"all", "occlusion", "pose30", "pose45", "milliseconds"}, path.string());
  if (manifest.columns.empty() || text.row.empty())
    throw Error("table has no columns or no rows", path.string());
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

#pragma once

#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "regard/core/options.h"

/// A table or figure of a paper, to be reproduced by our own runs.
namespace regard {

/// One row of a table; of a figure one bar, point or matrix.
struct ManifestRow {
  std::string label;
  std::string recipe;
  std::vector<std::string> mean_of;
  std::string dataset, train_on;
  std::vector<std::string> train_splits;
  std::string split;
  bool aligned = false;
  bool posed = false;  ///< the table's
  int folds = 0;
  int draws = 1;
  std::string network;
  Json evaluate = Json::object();
  Json paper = Json::object();
  std::string beside;
  std::string series;
  double x = std::numeric_limits<double>::quiet_NaN();
  std::string note;

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("label", label, "label of the row");
    visit("recipe", recipe, "recipe, relative to the file of the table; empty: nothing is run");
    visit("mean_of", mean_of, "labels of earlier rows whose probabilities are averaged");
    visit("dataset", dataset, "data set for evaluation, if it differs from the table's");
    visit("train_on", train_on, "data set for training, if it differs");
    visit("train_splits", train_splits, "splits that the paper trains on, if they differ from the table's");
    visit("split", split, "the paper's split, if it differs from the table's");
    visit("folds", folds, "number of folds of subjects for cross-validation; 0: none");
    visit("draws", draws, "random regions: number of samples that are evaluated, with seeds from 1");
    visit("network", network, "confusion: name of the network in the paper's cells");
    visit("aligned", aligned, "whether faces are aligned");
    visit("evaluate", evaluate, "options of the network that differ in evaluation");
    visit("paper", paper, "the paper's numbers, by column");
    visit("beside", beside,
          "label of the row that the gain is relative to; empty: the first one; its own label: none");
    visit("series", series, "curve: the line that the point belongs to");
    visit("x", x, "curve: x of the point; none: a horizontal line");
    visit("note", note, "a remark");
  }

  /// Whether there is nothing to run, only a published number.
  bool is_quoted() const { return recipe.empty() && mean_of.empty(); }
};

/// A cell of a confusion matrix as the paper has it: of the images of a true label, the share that was taken
/// for another.
struct PaperCell {
  std::string dataset, column, network, label, predicted;
  double share = 0;
};

/// A difference between all our runs and the paper.
struct Difference {
  std::string what, paper, here;
};

/// A table or figure of a paper, from a file of recipes/<paper>/tables: its rows in the key `row`.
struct Manifest {
  std::string name;  ///< what `regard reproduce` calls it: the file's, without its extension
  std::string title, about;
  std::string kind = "table";
  std::string paper;
  bool posed = false;
  std::string across;
  std::string dataset, split = "test";
  std::vector<std::string> train_splits{"train"};
  std::vector<std::string> columns;
  std::vector<PaperCell> cells;         ///< of the file that the key `cells` names
  std::vector<Difference> differences;  ///< of recipes/<paper>/differences.csv
  std::vector<ManifestRow> rows;
  std::filesystem::path file;
};

/// Reads one. Recipes become paths of files. Throws Error naming the file for unknown keys, kinds, columns
/// and splits, recipes that are not there, and labels that are not unique or not known.
Manifest read_manifest(const std::filesystem::path& path);

/// All manifests below a folder of recipes (recipes/<paper>/tables/*.toml), by name.
std::vector<std::filesystem::path> find_manifests(const std::filesystem::path& recipes);

}  // namespace regard

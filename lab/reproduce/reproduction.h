#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>

#include "lab/data/packed.h"
#include "lab/reproduce/image_sets.h"
#include "lab/reproduce/manifest.h"
#include "lab/reproduce/protocol.h"
#include "regard/engine/engine.h"

namespace regard {

/// The result of a row in one column.
struct Cell {
  std::string skip_reason;  ///< why there is no number; empty if there is one
  Metrics metrics{1};
  std::vector<std::string> names;  ///< of the images
  std::vector<bool> right;         ///< whether each was classified correctly
  std::string images;              ///< which they are
  std::optional<PairedDifference> gain;
};

/// The results of a row.
struct RowResult {
  ManifestRow row;
  std::string skip_reason;  ///< why it was not run; empty if it was
  std::string run;          ///< folder of the training
  std::string model_hash;
  Json recipe;                        ///< as it was trained
  std::vector<Json> losses;           ///< lines of its losses.jsonl
  std::optional<ViewStudy> scales;    ///< of a network with several
  std::map<std::string, Cell> cells;  ///< by column
  std::optional<double> milliseconds;
};

/// The views of a face as a row's model weighs them; none if it weighs none.
struct AttendedViews {
  std::vector<std::string> names;
  std::vector<Affine> places;
  std::vector<float> weights;
};

/// A face and its views by each row's model.
struct AttendedFace {
  std::string name, label, why;
  Image chip;
  std::vector<AttendedViews> rows;
};

struct TableResult {
  Manifest manifest;
  std::vector<std::string> labels;
  std::vector<RowResult> rows;
  std::vector<AttendedFace> faces;
};

/// One training, to be done by the part of the program that has torch.
struct TrainingRun {
  std::filesystem::path folder, recipe, pack;
};

/// Runs tables. Trains and evaluates what is missing and keeps the results in a folder, so that an
/// interrupted run continues and tables share common results:
///
///     data/                   packed data sets
///     runs/NAME-DIGEST/       one training each (docs/training.md), its recipe, and the predictions of its
///     model
class Reproduction {
 public:
  struct Options {
    std::filesystem::path folder;
    Protocol protocol;
    ImageSetSource::Options image_sets;
    EngineOptions engine;
    /// Trains; throws if it fails or is stopped. None: recipes are written but nothing is trained.
    std::function<void(const TrainingRun&)> train;
    std::function<bool()> stopped;
    void (*say)(const std::string& line) = nullptr;
  };

  explicit Reproduction(Options options);

  /// All rows of a table. `on_row` is called after each row with the results so far. A row that cannot be run
  /// says why. Throws only if stopped.
  TableResult run(const Manifest& manifest, const std::function<void(const TableResult&)>& on_row = {});

  const Options& options() const { return options_; }

 private:
  void run_row(const Manifest& manifest, TableResult& table, RowResult& result);
  void train(const ManifestRow& row, RowResult& result);
  std::vector<float> predictions(const TableResult& table, const RowResult& result,
                                 const EvaluatedSet& images);
  SetPredictions model_predictions(const RowResult& result, const EvaluatedSet& images);
  Cell measure(const TableResult& table, const RowResult& result, const std::string& column);
  Model model_of(const RowResult& result) const;
  void study_scales_of(RowResult& result);
  void attend(TableResult& table);
  void choose_faces(TableResult& table);
  void choose_non_frontal_faces(TableResult& table);

  Options options_;
  ImageSetSource images_;
};

}  // namespace regard

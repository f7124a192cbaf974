#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lab/metrics/replicates.h"
#include "lab/reproduce/image_sets.h"
#include "lab/reproduce/manifest.h"
#include "lab/reproduce/protocol.h"
#include "regard/engine/engine.h"

/// Input and results of `regard reproduce`.
namespace regard {

/// One training, to be done by the part of the program that has torch.
struct TrainingRun {
  std::filesystem::path folder, recipe, pack;
};

struct ReproduceOptions {
  std::filesystem::path folder;
  Protocol protocol;
  ImageSource::Options images;
  EngineOptions engine;
  int seeds = 1;       ///< trainings of every row, with seeds from the recipe's up
  int most_folds = 0;  ///< run so many folds of a row only, for trials; 0: all
  /// Trains; throws if it fails or is stopped. None: recipes are written but nothing is trained.
  std::function<void(const TrainingRun&)> train;
  std::function<bool()> stopped;
  void (*say)(const std::string& line) = nullptr;
};

/// Throws Error if the command was told to stop.
void expect_not_stopped(const ReproduceOptions& options);

/// A finished training.
struct TrainedModel {
  std::string run;                      ///< its folder
  std::string hash;                     ///< of its model file
  Json recipe;                          ///< as it was trained
  std::vector<Json> losses = {};        ///< lines of its losses.jsonl
  std::vector<std::string> notes = {};  ///< of the packed file that it was trained on
};

/// The gain in the recall of an expression.
struct RecallGain {
  std::string label;
  std::size_t count = 0;  ///< images with this label
  ReplicatedMean gain;
};

/// The result of a row in one column.
struct Cell {
  std::string skip_reason;  ///< why there is no number; empty if there is one
  double value = 0;         ///< an accuracy as a share, or what else the table's kind measures
  std::optional<Interval> interval;
  std::optional<double> std;        ///< over runs
  std::size_t count = 0;            ///< images
  std::string images;               ///< which they are
  Metrics metrics{1};               ///< over all runs
  std::vector<std::string> names;   ///< of the images
  std::vector<std::string> labels;  ///< the classes
  std::vector<int> truth;           ///< of the images: indices of `labels`
  Replicates right;                 ///< by seed, or by draw of regions where there is one seed
  std::optional<ReplicatedMean> gain;
  std::vector<RecallGain> recall_gains;  ///< over the same row, by label; of labels that have images
};

/// How a network with attention weighs views, on the scale of Figure 6: the softmax over the views of mu nu.
struct AttentionFacts {
  std::size_t count = 0;
  Interval whole_first;  ///< share of the faces on which the whole face has the highest weight
  Spread whole;          ///< the whole face's weight times the number of views: 1 is an average one
  Spread unevenness;     ///< standard deviation of a face's weights over the views, times their number
  std::optional<Interval>
      centre_first;  ///< share of the faces on which regions about the centre outweigh corners
};

/// The results of a row.
struct RowResult {
  ManifestRow row;
  std::string skip_reason;                          ///< why it was not run; empty if it was
  std::vector<std::vector<TrainedModel>> models;    ///< [seeds][folds]; none of rows that have no training
  std::vector<ImagesKey> images;                    ///< of each fold
  int input_size = 0;                               ///< pixels a side that its network looks at
  int chip_size = 0;                                ///< of the chips that it was measured on
  std::string split;                                ///< that it was measured on; empty if it was not
  std::vector<std::string> remarks;                 ///< in what it is not what its label says
  std::optional<ViewStudy> scales;                  ///< of a network with several
  std::map<std::string, Cell> cells;                ///< by column
  std::map<std::string, AttentionFacts> attention;  ///< by column

  bool is_run() const { return skip_reason.empty(); }
  const TrainedModel& model() const { return models.front().front(); }
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

}  // namespace regard

#pragma once

#include <functional>

#include "lab/reproduce/table_run.h"

namespace regard {

/// Runs tables. Trains and evaluates what is missing and keeps the results in a folder, so that an
/// interrupted run continues and tables share common results:
///
///     data/     packed data sets
///     runs/     trainings, and the predictions of their models (RunStore)
class Reproduction {
 public:
  explicit Reproduction(ReproduceOptions options);

  /// All rows of a table. `on_row` is called after each row with the results so far. A row that cannot be run
  /// says why. Throws only if stopped.
  TableResult run(const Manifest& manifest, const std::function<void(const TableResult&)>& on_row = {});

  const ReproduceOptions& options() const { return options_; }

 private:
  void run_row(TableRun& run, RowResult& result);
  void prepare(TableRun& run, RowResult& result);
  void train(RowResult& result);
  TrainedModel train_on(const ManifestRow& row, Recipe recipe, const ImagesKey& measured);

  ReproduceOptions options_;
  ImageSource images_;
  RunStore runs_;
};

}  // namespace regard

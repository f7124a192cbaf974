#pragma once

#include "lab/reproduce/results.h"
#include "lab/reproduce/runs.h"

namespace regard {

/// A table while it is run.
struct TableRun {
  const ReproduceOptions& options;
  ImageSource& images;
  const RunStore& runs;
  TableResult& table;

  /// The row of that label; none if there is none.
  const RowResult* find(const std::string& label) const;
};

}  // namespace regard

#pragma once

#include "lab/reproduce/table_run.h"

/// Measurements of the kinds of tables.
namespace regard {

/// Accuracy in every column, over all seeds, draws of regions and folds.
void measure_accuracy(TableRun& run, RowResult& result);

/// The same, and what each scale of the network is worth.
void measure_scales(TableRun& run, RowResult& result);

/// The same, and how attention is spread over views.
void measure_attention(TableRun& run, RowResult& result);

/// Median time of one face alone, in milliseconds.
void measure_time(TableRun& run, RowResult& result);

/// How many images each column has.
void count_images(TableRun& run, RowResult& result);

/// The gains known so far; the row that a gain is relative to may come later.
void compare_rows(TableResult& table);

}  // namespace regard

#pragma once

#include <map>
#include <string>

#include "lab/reproduce/results.h"

namespace regard {

/// A table's report: our numbers beside the paper's, each with its images, count and 95 % interval; the
/// differences; the paper's figure drawn from our runs; the runs. A self-contained HTML page.
std::string html_table(const TableResult& table, const ReproduceOptions& options);
/// As Markdown; of the figures its charts alone, which stand in files beside it.
std::string markdown_table(const TableResult& table, const ReproduceOptions& options);
/// These files, their bytes by name.
std::map<std::string, std::string> chart_files(const TableResult& table);
/// As CSV, one line for every row and column.
std::string csv_table(const TableResult& table);

}  // namespace regard

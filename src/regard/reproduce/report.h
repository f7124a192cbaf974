#pragma once

#include <string>

#include "regard/reproduce/reproduction.h"

namespace regard {

/// A table's report: our numbers beside the paper's, each with its pictures, count and 95 % interval; what
/// differs between both; the paper's figure drawn from our runs; which runs they are.
/// As one HTML page without outside references.
std::string html_table(const TableResult& table, const Reproduction::Options& options);
/// As Markdown, without the figures.
std::string markdown_table(const TableResult& table, const Reproduction::Options& options);
/// As CSV, one line for every row and column.
std::string csv_table(const TableResult& table, const Reproduction::Options& options);

}  // namespace regard

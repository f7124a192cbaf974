#pragma once

#include <string>
#include <vector>

#include "lab/reproduce/results.h"

/// Drawings of our runs, and tables of what else than accuracy was measured, for each kind of table
/// (kinds.h).
namespace regard {

/// A drawing: what it is called among its table's, what it shows, and the SVG.
struct Chart {
  std::string name, title, svg;
};

/// A row's cell that has a number; none if it has none.
const Cell* told_cell(const RowResult& result, const std::string& column);

/// A table in Markdown; empty if there are no lines.
std::string markdown_lines(const std::vector<std::string>& heads,
                           const std::vector<std::vector<std::string>>& lines);

/// A chart for each column that was measured.
std::vector<Chart> bar_charts(const TableResult& table);
std::string bars_html(const TableResult& table);
std::vector<Chart> curve_charts(const TableResult& table);
std::string curves_html(const TableResult& table);

/// Confusion matrices, ours and the paper's side by side; in Markdown their diagonals.
std::string confusions_html(const TableResult& table);
std::string recalls_markdown(const TableResult& table);

/// Statistics of attention over whole sets, and faces with the weights of their views.
std::string attention_html(const TableResult& table);
std::string attention_markdown(const TableResult& table);

/// Weights and places of the scales, accuracy without them, and the learned loss weights of each row.
std::vector<Chart> scales_charts(const TableResult& table);
std::string scales_html(const TableResult& table);
std::string scales_markdown(const TableResult& table);

}  // namespace regard

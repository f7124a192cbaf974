#pragma once

#include <string>
#include <vector>

#include "lab/reproduce/reproduction.h"

namespace regard {

/// A drawing: what it is called among its table's, what it shows, and the SVG.
struct Chart {
  std::string name, title, svg;
};

/// Of bars and curves, a chart for each column that was measured; of scales, the losses' weights of each row
/// that learned them; of others none.
std::vector<Chart> charts_of(const TableResult& table);

/// The paper's figure drawn from our runs, as the table's kind asks: bars, curves, confusion matrices, or
/// faces with the weights of their views. HTML; empty for what is a table only.
std::string figures_html(const TableResult& table);

}  // namespace regard

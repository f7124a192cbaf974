#pragma once

#include <string>

#include "regard/reproduce/reproduction.h"

namespace regard {

/// The paper's figure drawn from our runs, as the table's kind asks: bars, curves, confusion matrices, or
/// faces with the weights of their views. HTML; empty for what is a table only.
std::string figures_html(const TableResult& table);

}  // namespace regard

#pragma once

#include <string>

#include "lab/reproduce/results.h"

/// What rows gain in the recall of each expression, over the rows that they are compared with.
namespace regard {

/// A table for each column and data set, with 95 % intervals; empty if nothing is compared.
std::string recall_gains_html(const TableResult& table);
std::string recall_gains_markdown(const TableResult& table);

/// A line for each row, column and expression; the header alone if nothing is compared.
std::string recall_gains_csv(const TableResult& table);

}  // namespace regard

#pragma once

#include <string>
#include <vector>

#include "lab/reproduce/figures.h"
#include "lab/reproduce/table_run.h"

namespace regard {

/// A kind of table: what is measured for its rows, and how it is drawn.
struct TableKind {
  const char* name;
  bool trains;                             ///< whether rows are trained; else they only use data
  bool shares;                             ///< whether numbers are accuracies; else they are as they are
  const char* ours;                        ///< what our numbers are, over a column
  void (*measure)(TableRun&, RowResult&);  ///< fills the row's cells
  void (*finish)(TableRun&);               ///< when all rows are done; may be null
  std::vector<Chart> (*charts)(
      const TableResult&);                      ///< drawings that stand in files of their own; may be null
  std::string (*figures)(const TableResult&);   ///< HTML; may be null
  std::string (*markdown)(const TableResult&);  ///< what Markdown shows beside its table; may be null
};

const std::vector<TableKind>& table_kinds();

/// Throws Error naming all if there is none of that name; `where` names the caller.
const TableKind& find_kind(const std::string& name, const std::string& where = {});

}  // namespace regard

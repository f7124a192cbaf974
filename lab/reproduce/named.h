#pragma once

#include <string>

#include "regard/core/error.h"

namespace regard {

/// The row of a table that has this name. Throws Error listing all names if there is none; `what`: names the
/// table, `where` the caller.
template <class Rows>
const auto& find_named(const Rows& rows, const std::string& name, const std::string& what,
                       const std::string& where) {
  std::string known;
  for (const auto& row : rows) {
    if (name == row.name) return row;
    known += (known.empty() ? "" : ", ") + std::string(row.name);
  }
  throw Error("unknown " + what, where, known, name);
}

}  // namespace regard

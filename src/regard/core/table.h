#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "regard/core/error.h"
#include "regard/core/text.h"

/// Families of things that are chosen by name (networks, schedules, losses) are tables; these find a row.
namespace regard {

/// The row of a range that has this `name`. Throws Error "unknown WHAT", which lists the names there are.
template <class Table>
const auto& find_row(const Table& rows, std::string_view name, const char* what) {
  std::vector<std::string> names;
  for (const auto& row : rows) {
    if (name == row.name) return row;
    names.emplace_back(row.name);
  }
  throw Error(std::string("unknown ") + what, std::string(name), join(names));
}

/// A table whose rows are types, each with its `kName`: for families that are templates of who runs them.
template <class... Row>
struct TypeTable {
  static std::vector<std::string> names() { return {Row::kName...}; }

  /// What `use` makes of the row with this name (an object of its type). Throws Error as `find_row` does.
  template <class Use>
  static auto with(std::string_view name, const char* what, Use&& use) {
    using Result = std::common_type_t<decltype(use(Row{}))...>;
    std::optional<Result> result;
    const auto try_row = [&]<class One>(One row) {
      if (name != One::kName) return false;
      result.emplace(use(row));
      return true;
    };
    if (!(try_row(Row{}) || ...))
      throw Error(std::string("unknown ") + what, std::string(name), join(names()));
    return *std::move(result);
  }

  /// Calls `use` with every row, in order.
  template <class Use>
  static void for_each(Use&& use) {
    (use(Row{}), ...);
  }
};

}  // namespace regard

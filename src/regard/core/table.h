#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "regard/core/error.h"
#include "regard/core/text.h"

/// Families that are chosen by name (networks, schedules, losses) are tables; these functions find a row.
namespace regard {

/// The row of a range with this `name`. Throws Error "unknown WHAT", which lists the known names.
template <class Table>
const auto& find_row(const Table& rows, std::string_view name, const char* what) {
  std::vector<std::string> names;
  for (const auto& row : rows) {
    if (name == row.name) return row;
    names.emplace_back(row.name);
  }
  throw Error(std::string("unknown ") + what, std::string(name), join(names));
}

/// The row of a range whose `ending` is that of the file. Throws Error "unknown WHAT", which lists the known
/// ones.
template <class Table>
const auto& find_ending(const Table& rows, const std::filesystem::path& file, const char* what) {
  const std::string ending = file.extension();
  std::vector<std::string> known;
  for (const auto& row : rows) {
    if (ending == row.ending) return row;
    known.emplace_back(row.ending);
  }
  throw Error(std::string("unknown ") + what, file.string(), join(known), ending);
}

/// A table whose rows are types, each with its `kName`, for families that are templates over the executor.
template <class... Row>
struct TypeTable {
  static std::vector<std::string> names() { return {Row::kName...}; }

  /// Calls `use` with the row of this name (an object of its type). Throws Error as `find_row` does.
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

#include <nanobind/ndarray.h>

#include <algorithm>

#include "arrow_stream.h"
#include "bindings.h"
#include "convert.h"
#include "faces.h"
#include "regard/core/error.h"
#include "regard/core/text.h"

namespace regard::python {
namespace {

using Columns = std::vector<FaceColumn>;

/// The columns are shared with everything that reads them.
struct Table {
  std::shared_ptr<const Columns> columns;

  std::size_t rows() const {
    return std::visit([](const auto& values) { return values.size(); }, columns->front().values);
  }
};

Table table_of(const std::vector<const Faces*>& results) {
  const Names none, &names = results.empty() ? none : *results.front()->names;
  std::vector<const ImageFaces*> images;
  for (const Faces* result : results) {
    if (result->names->labels != names.labels || result->names->views != names.views)
      throw Error("results of different models do not fit into one table", "results", join(names.labels),
                  join(result->names->labels));
    images.push_back(result->image.get());
  }
  return {std::make_shared<const Columns>(face_columns(images, names.labels, names.views))};
}

Table table_of_one(const Faces& faces) {
  return table_of({&faces});
}

Table table_of_many(const nb::iterable& results) {
  std::vector<const Faces*> list;
  const nb::list kept(results);  // keeps what the iterable may make on the way
  for (nb::handle result : kept) list.push_back(&nb::cast<const Faces&>(result));
  return table_of(list);
}

const FaceColumn& column_of(const Table& table, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& column : *table.columns) {
    if (column.name == name) return column;
    names.push_back(column.name);
  }
  throw Error("there is no such column", name, join(names));
}

// The values of a column in Python: an array of NumPy, or a list of text.

template <class Number>
nb::object values_of(const Table& table, const std::vector<Number>& values) {
  auto* owned = new std::shared_ptr(table.columns);
  const nb::capsule owner(owned, [](void* it) noexcept { delete static_cast<decltype(owned)>(it); });
  return nb::cast(nb::ndarray<nb::numpy, const Number, nb::ndim<1>>(values.data(), {values.size()}, owner));
}
nb::object values_of(const Table&, const std::vector<std::string>& values) {
  nb::list list;
  for (const auto& value : values) list.append(to_str(value));
  return list;
}

nb::object column_values(const Table& table, const std::string& name) {
  return std::visit([&](const auto& values) { return values_of(table, values); },
                    column_of(table, name).values);
}

std::vector<std::string> column_names(const Table& table) {
  std::vector<std::string> names;
  for (const auto& column : *table.columns) names.push_back(column.name);
  return names;
}

nb::capsule stream_of(const Table& table) {
  return nb::capsule(make_arrow_stream(table.columns), kArrowStream,
                     [](void* stream) noexcept { release_arrow_stream(stream); });
}

constexpr const char* kStream =
    "def __arrow_c_stream__(self, requested_schema: object | None = None) -> typing.Any";
constexpr const char* kStreamHelp =
    "A capsule with an ArrowArrayStream of one batch (Arrow's PyCapsule interface), which shares the memory "
    "of the\n"
    "table. A requested schema is ignored, as the interface allows.";

}  // namespace

void bind_table(nb::module_& module) {
  nb::class_<Table> type(
      module, "Table",
      "Faces as a table: one row per face, with the columns of `regard recognize --format csv`.\n"
      "pyarrow.table(), polars.DataFrame() and pandas.DataFrame.from_arrow() read it without\n"
      "copying.");
  type.def(
      "__init__", [](Table* place, const Faces& results) { new (place) Table(table_of_one(results)); },
      nb::arg("results"));
  type.def(
      "__init__",
      [](Table* place, const nb::iterable& results) { new (place) Table(table_of_many(results)); },
      nb::arg("results"), nb::sig("def __init__(self, results: collections.abc.Iterable[Faces]) -> None"));
  type.def("__len__", &Table::rows);
  type.def_prop_ro("columns", column_names, "The names of the columns.");
  type.def("__getitem__", column_values, nb::arg("column"),
           nb::sig("def __getitem__(self, column: str) -> typing.Any"),
           "The values of a column: a read-only NumPy array that shares its memory, or a list of str.");
  type.def(
      "__arrow_c_stream__", [](const Table& table, nb::handle) { return stream_of(table); },
      nb::arg("requested_schema") = nb::none(), nb::sig(kStream), kStreamHelp);
  nb::borrow<nb::class_<Faces>>(module.attr("Faces"))
      .def(
          "__arrow_c_stream__", [](const Faces& faces, nb::handle) { return stream_of(table_of_one(faces)); },
          nb::arg("requested_schema") = nb::none(), nb::sig(kStream), "The same of Table(self).");
}

}  // namespace regard::python

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "convert.h"
#include "faces.h"
#include "fields.h"

/// The described fields of results as properties of their classes in Python.
namespace regard::python {

using FaceList = nb::typed<nb::list, FaceInImage>;

// A field's value in Python, by its type; `owner` is whose field it is.

template <class Owner, class Value>
Value shown(const Owner&, const Value& value) {
  return value;
}
template <class Owner>
double shown(const Owner&, float value) {
  return shortest(value);
}
template <class Owner>
nb::str shown(const Owner&, const std::string& value) {
  return to_str(value);
}
template <class Owner>
std::optional<double> shown(const Owner&, const std::optional<float>& value) {
  return value ? std::optional(shortest(*value)) : std::nullopt;
}
using Probabilities = nb::typed<nb::dict, nb::str, nb::float_>;
template <class Owner>
Probabilities shown(const Owner& owner, const std::vector<float>& values) {
  nb::dict dict;
  for (std::size_t i = 0; i < values.size(); ++i)
    dict[to_str(owner.names->labels.at(i))] = shortest(values[i]);
  return nb::borrow<Probabilities>(dict);
}
FaceList shown(const Faces& owner, const std::vector<Face>&);

/// A read-only property for each field that the type does not inherit.
template <class Owner, class... Base>
void bind_fields(nb::class_<Owner, Base...>& type) {
  for_each_field<Owner>([&](const auto& field) {
    if (nb::hasattr(type, field.name)) return;
    type.def_prop_ro(
        field.name, [field](const Owner& owner) { return shown(owner, field.of(owner)); }, field.help);
  });
}

/// As a dict, and compared by that.
template <class Owner, class... Base>
void bind_json(nb::class_<Owner, Base...>& type, const char* help) {
  const auto json = [](const Owner& owner) { return to_json(described(owner), owner.names->labels); };
  type.def(
      "to_dict", [json](const Owner& owner) { return to_python(json(owner)); },
      nb::sig("def to_dict(self) -> dict[str, typing.Any]"), help);
  type.def(
      "__eq__", [json](const Owner& one, const Owner& other) { return json(one) == json(other); },
      nb::is_operator(), nb::sig("def __eq__(self, other: object, /) -> bool"));
  type.def("__hash__",
           [json](const Owner& owner) { return std::hash<std::string>()(json_shown(json(owner))); });
}

}  // namespace regard::python

#include "faces.h"

#include <functional>
#include <optional>
#include <type_traits>

#include "bindings.h"
#include "convert.h"
#include "fields.h"
#include "pickling.h"
#include "regard/core/json.h"
#include "regard/output/face_json.h"
#include "repr.h"

namespace regard::python {
namespace {

nb::object to_python(const Json& json) {
  switch (json.type()) {
    case Json::value_t::object: {
      nb::dict dict;
      for (const auto& [key, value] : json.items()) dict[to_str(key)] = to_python(value);
      return dict;
    }
    case Json::value_t::array: {
      nb::list list;
      for (const auto& value : json) list.append(to_python(value));
      return list;
    }
    case Json::value_t::string:
      return to_str(json.get<std::string>());
    case Json::value_t::boolean:
      return nb::bool_(json.get<bool>());
    case Json::value_t::number_float:
      return nb::float_(json.get<double>());
    case Json::value_t::null:
      return nb::none();
    default:
      return nb::int_(json.get<std::int64_t>());
  }
}

FaceInImage face_at(const Faces& faces, std::ptrdiff_t index) {
  const auto count = static_cast<std::ptrdiff_t>(faces.image->faces.size());
  if (index < 0) index += count;
  if (index < 0 || index >= count) throw nb::index_error("there is no such face");
  return {{faces.image, &faces.image->faces[static_cast<std::size_t>(index)]}, faces.names};
}

using FaceList = nb::typed<nb::list, FaceInImage>;

FaceList list_of(const Faces& faces) {
  nb::list list;
  for (std::size_t i = 0; i < faces.image->faces.size(); ++i)
    list.append(face_at(faces, static_cast<std::ptrdiff_t>(i)));
  return nb::borrow<FaceList>(list);
}

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
Probabilities shown(const FaceInImage& owner, const std::vector<float>& values) {
  nb::dict dict;
  for (std::size_t i = 0; i < values.size(); ++i)
    dict[to_str(owner.names->labels.at(i))] = shortest(values[i]);
  return nb::borrow<Probabilities>(dict);
}
FaceList shown(const Faces& owner, const std::vector<Face>&) {
  return list_of(owner);
}

/// A read-only property for each field.
template <class Owner>
void bind_fields(nb::class_<Owner>& type) {
  for_each_field<Owner>([&](const auto& field) {
    type.def_prop_ro(
        field.name, [field](const Owner& owner) { return shown(owner, field.of(owner)); }, field.help);
  });
}

/// As a dict, and compared by that.
template <class Owner>
void bind_json(nb::class_<Owner>& type, const char* help) {
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

void bind_view(nb::module_& module) {
  nb::class_<FaceView> type(module, "FaceView", "One of the views of a face that a network weighs.");
  bind_fields(type);
  type.def("__repr__", [](const FaceView& view) { return to_str(repr(view)); });
  bind_pickling(type);
}

void bind_face(nb::module_& module) {
  nb::class_<FaceInImage> type(module, "Face", "A face and its expression.");
  bind_fields(type);
  type.def_prop_ro(
      "probability", [](const FaceInImage& owner) { return shortest(owner.face->probability()); },
      "of the expression, 0 to 1");
  type.def("__repr__", [](const FaceInImage& owner) { return to_str(repr(*owner.face)); });
  bind_json(type,
            "The face as `regard recognize --format json` prints it: pixels and degrees rounded to "
            "hundredths, other\n"
            "numbers to millionths.");
  bind_pickling(type);
}

void bind_sequence(nb::class_<Faces>& type) {
  type.def("__len__", [](const Faces& faces) { return faces.image->faces.size(); });
  type.def("__getitem__", face_at, nb::arg("index"));
  type.def(
      "__iter__", [](const Faces& faces) { return nb::iter(list_of(faces)); },
      nb::sig("def __iter__(self) -> collections.abc.Iterator[Face]"));
}

void bind_faces_of_image(nb::module_& module) {
  nb::class_<Faces> type(module, "Faces",
                         "The faces of an image: a sequence of Face, and a table, one row per face, for\n"
                         "pandas, polars and pyarrow (`__arrow_c_stream__`).");
  bind_fields(type);
  bind_sequence(type);
  type.def("__repr__", [](const Faces& faces) { return to_str(repr(*faces.image)); });
  bind_json(type, "The image as a line of `regard recognize --format json`.");
  bind_pickling(type);
}

}  // namespace

void bind_faces(nb::module_& module) {
  bind_view(module);
  bind_face(module);
  bind_faces_of_image(module);
}

}  // namespace regard::python

#include "faces.h"

#include "bindings.h"
#include "convert.h"
#include "pickling.h"
#include "properties.h"
#include "regard/output/face_json.h"
#include "repr.h"

namespace regard::python {
namespace {

FaceInImage face_at(const Faces& faces, std::ptrdiff_t index) {
  const auto count = static_cast<std::ptrdiff_t>(faces.image->faces.size());
  if (index < 0) index += count;
  if (index < 0 || index >= count) throw nb::index_error("there is no such face");
  return {{faces.image, &faces.image->faces[static_cast<std::size_t>(index)]}, faces.names};
}

FaceList list_of(const Faces& faces) {
  nb::list list;
  for (std::size_t i = 0; i < faces.image->faces.size(); ++i)
    list.append(face_at(faces, static_cast<std::ptrdiff_t>(i)));
  return nb::borrow<FaceList>(list);
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

FaceList shown(const Faces& owner, const std::vector<Face>&) {
  return list_of(owner);
}

void bind_faces(nb::module_& module) {
  bind_view(module);
  bind_face(module);
  bind_faces_of_image(module);
}

}  // namespace regard::python

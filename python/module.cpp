#include "bindings.h"

NB_MODULE(_core, module) {
  module.doc() = "The compiled part of the package regard.";
  module.attr("version") = REGARD_VERSION;
  regard::python::bind_errors(module);
  regard::python::bind_images(module);
  regard::python::bind_faces(module);
  regard::python::bind_table(module);
  regard::python::bind_recognizer(module);
  regard::python::bind_video(module);
}

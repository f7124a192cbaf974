#pragma once

#include <nanobind/nanobind.h>

/// The Python module, a file for each concern. Each function adds its part to the module `regard._core`.
namespace regard::python {

/// Errors of the library become `regard.Error`.
void bind_errors(nanobind::module_& module);
/// `read_image`.
void bind_images(nanobind::module_& module);
/// `FaceView`, `Face` and `Faces`, the results.
void bind_faces(nanobind::module_& module);
/// `Table`: faces for pandas, polars and pyarrow.
void bind_table(nanobind::module_& module);
/// `Frame`, `PersonFace` and `Video`.
void bind_video(nanobind::module_& module);
/// `Recognizer` and `models`.
void bind_recognizer(nanobind::module_& module);

}  // namespace regard::python

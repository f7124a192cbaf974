#include <nanobind/ndarray.h>

#include <cstdint>
#include <memory>

#include "bindings.h"
#include "convert.h"
#include "inputs.h"

namespace regard::python {
namespace {

using Array = nb::ndarray<nb::numpy, std::uint8_t, nb::shape<-1, -1, 3>>;

std::unique_ptr<Image> read(const ImageArgument& argument) {
  const nb::gil_scoped_release released;
  return std::make_unique<Image>(argument.file_pixels());
}

Array read_image(const ImageObject& object) {
  Image* image = read(ImageArgument(object, Channels::rgb, "image")).release();
  const nb::capsule owner(image, [](void* it) noexcept { delete static_cast<Image*>(it); });
  return Array(image->pixels.data(),
               {static_cast<std::size_t>(image->height), static_cast<std::size_t>(image->width), 3}, owner);
}

}  // namespace

void bind_images(nb::module_& module) {
  module.def("read_image", read_image, nb::arg("image"),
             nb::sig("def read_image(image: regard.ImageFile) -> numpy.typing.NDArray[numpy.uint8]"),
             "The pixels of a file, given by its path or its bytes, as Recognizer.recognize sees them: RGB, "
             "upright,\n"
             "height x width x 3, of 8 bits. Raises Error for an unreadable file.");
}

}  // namespace regard::python

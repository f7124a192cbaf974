#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

#include "regard/core/image.h"

namespace regard::python {

/// The order of an array's channels.
enum class Channels { rgb, bgr };

/// By its name. Throws Error for an unknown one.
Channels channels_of(const std::string& name);

/// Pixels that are borrowed where that can be done, else copied.
struct Pixels {
  Image own = {};
  ImageView view = {};
};

/// What `regard.Image` stands for: a path, or an object that shows its memory.
class ImageObject : public nanobind::object {
 public:
  static bool is_image(nanobind::handle object);
  NB_OBJECT_DEFAULT(ImageObject, nanobind::object, "regard.Image", is_image)
};

/// An image as Python passes it: a path, the bytes of a file, or an array of pixels. It keeps the object, and
/// what it borrows stays valid as long as it lives. To be made and destroyed with the GIL.
class ImageArgument {
 public:
  /// `where`: how errors name an image that is not a path. Throws Error if it is none of these.
  ImageArgument(nanobind::handle object, Channels channels, std::string where);

  /// The path as given; empty for the others.
  const std::string& file() const { return file_; }

  /// Reads or decodes where needed; from any thread, without the GIL. Throws Error.
  Pixels pixels() const;
  /// The same of a path or bytes. Throws Error also for an array of pixels.
  Image file_pixels() const;

 private:
  void check_array() const;
  std::span<const std::byte> bytes() const;
  Pixels array_pixels() const;

  std::string file_, where_;
  nanobind::ndarray<nanobind::ro> array_;  // of one dimension: the bytes of a file
  Channels channels_;
};

}  // namespace regard::python

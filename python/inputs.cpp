#include "inputs.h"

#include <limits>
#include <utility>

#include "convert.h"
#include "regard/core/error.h"
#include "regard/core/text.h"
#include "regard/image/decode.h"

namespace regard::python {
namespace {

constexpr const char* kExpected =
    "a path, the bytes of a file, or an array of uint8: height x width x 3, or height x width if grey";

bool is_path(nb::handle object) {
  return nb::isinstance<nb::str>(object) || nb::hasattr(object, "__fspath__");
}

/// "float32".
std::string type_name(nb::dlpack::dtype type) {
  constexpr std::array kKinds{"int", "uint", "float", "opaque", "bfloat", "complex", "bool"};
  const std::string kind = type.code < kKinds.size() ? kKinds[type.code] : "unknown";
  return kind + std::to_string(type.bits);
}

/// Where the samples of an array lie, in bytes.
struct Layout {
  const std::uint8_t* start;
  int height, width, channels;
  std::ptrdiff_t row, column, channel;

  /// Whether an ImageView can describe it.
  bool is_view() const {
    return (channels == 1 || channel == 1) && column == channels &&
           row >= static_cast<std::ptrdiff_t>(width) * channels;
  }
  ImageView view() const {
    return {.data = start, .width = width, .height = height, .channels = channels, .stride = row};
  }
  Image copy() const {
    Image image(width, height, channels);
    auto* to = image.pixels.data();
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        for (int c = 0; c < channels; ++c) *to++ = start[y * row + x * column + c * channel];
    return image;
  }
};

Layout layout_of(const nb::ndarray<nb::ro>& array, Channels order) {
  const bool flat = array.ndim() == 2;
  Layout layout{.start = static_cast<const std::uint8_t*>(array.data()),
                .height = static_cast<int>(array.shape(0)),
                .width = static_cast<int>(array.shape(1)),
                .channels = flat ? 1 : static_cast<int>(array.shape(2)),
                .row = array.stride(0),
                .column = array.stride(1),
                .channel = flat ? 1 : array.stride(2)};
  if (order == Channels::bgr && layout.channels == 3) {
    layout.start += 2 * layout.channel;
    layout.channel = -layout.channel;
  }
  return layout;
}

std::string shape_of(const nb::ndarray<nb::ro>& array) {
  std::vector<std::string> sizes;
  for (std::size_t i = 0; i < array.ndim(); ++i) sizes.push_back(std::to_string(array.shape(i)));
  return sizes.empty() ? "a single number" : join(sizes, " x ");
}

bool has_image_shape(const nb::ndarray<nb::ro>& array) {
  for (std::size_t i = 0; i < array.ndim(); ++i)
    if (!std::in_range<int>(array.shape(i))) return false;
  return array.ndim() == 2 || (array.ndim() == 3 && (array.shape(2) == 1 || array.shape(2) == 3));
}

}  // namespace

Channels channels_of(const std::string& name) {
  constexpr std::array kNames{std::pair{"rgb", Channels::rgb}, std::pair{"bgr", Channels::bgr}};
  for (const auto& [known, channels] : kNames)
    if (name == known) return channels;
  throw Error("unknown order of channels", "channels", "rgb or bgr", name);
}

bool ImageObject::is_image(nb::handle object) {
  return is_path(object) || nb::hasattr(object, "__dlpack__") || PyObject_CheckBuffer(object.ptr());
}

ImageArgument::ImageArgument(nb::handle object, Channels channels, std::string where)
    : where_(std::move(where)), channels_(channels) {
  if (is_path(object)) {
    file_ = nb::cast<std::filesystem::path>(object).string();
    return;
  }
  if (!nb::try_cast(object, array_))
    throw Error("is not an image", where_, kExpected, nb::type_name(object.type()).c_str());
  check_array();
}

void ImageArgument::check_array() const {
  if (array_.device_type() != nb::device::cpu::value)
    throw Error("array is not in the memory of the CPU", where_, kExpected, "an array on another device");
  if (array_.dtype() != nb::dtype<std::uint8_t>())
    throw Error("array has another type of numbers", where_, kExpected, type_name(array_.dtype()));
  if (array_.ndim() != 1 && !has_image_shape(array_))
    throw Error("array is not shaped like an image", where_, kExpected, shape_of(array_));
}

std::span<const std::byte> ImageArgument::bytes() const {
  if (array_.stride(0) != 1 && array_.shape(0) > 1)
    throw Error("bytes do not lie next to each other", where_, kExpected);
  return {static_cast<const std::byte*>(array_.data()), array_.shape(0)};
}

Pixels ImageArgument::array_pixels() const {
  const Layout layout = layout_of(array_, channels_);
  if (layout.is_view()) return {.view = layout.view()};
  Pixels pixels{.own = layout.copy()};
  pixels.view = pixels.own.view();
  return pixels;
}

Image ImageArgument::file_pixels() const {
  if (!array_.is_valid()) return read_image(file_);
  if (array_.ndim() != 1)
    throw Error("is not a file", where_, "a path, or the bytes of a file", "an array of " + shape_of(array_));
  return decode_image(bytes(), where_);
}

Pixels ImageArgument::pixels() const {
  if (array_.is_valid() && array_.ndim() != 1) return array_pixels();
  Pixels pixels{.own = file_pixels()};
  pixels.view = pixels.own.view();
  return pixels;
}

}  // namespace regard::python

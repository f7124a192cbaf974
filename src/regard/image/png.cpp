#include <png.h>

#include <string>
#include <vector>

#include "regard/core/error.h"
#include "regard/image/bytes.h"
#include "regard/image/codec.h"

// libpng's simplified interface is called directly, since it never prints, unlike OpenCV's use of libpng.
namespace regard {
namespace {

struct Reader {
  png_image image{};
  const std::string& where;

  Reader(std::span<const std::byte> bytes, const std::string& where) : where(where) {
    image.version = PNG_IMAGE_VERSION;
    if (!png_image_begin_read_from_memory(&image, bytes.data(), bytes.size())) fail();
  }
  ~Reader() { png_image_free(&image); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  void read(png_uint_32 format, std::uint8_t* pixels) {
    image.format = format;
    // Otherwise 16-bit samples without a gamma would be treated as linear.
    image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
    if (!png_image_finish_read(&image, nullptr, pixels, 0, nullptr)) fail();
  }

  [[noreturn]] void fail() const { throw Error(std::string("PNG is damaged: ") + image.message, where); }
};

/// The chunk "eXIf", which may precede or follow the image data.
int orientation_of(const ImageBytes& file) {
  std::size_t at = 8;
  while (at + 12 <= file.size() && !file.has(at + 4, "IEND")) {
    const std::size_t length = file.u32(at);
    if (length > file.size() - at - 12) break;
    if (file.has(at + 4, "eXIf")) return exif_orientation(file.part(at + 8, length));
    at += length + 12;
  }
  return 1;
}

void lay_over_white(std::span<const std::uint8_t> rgba, std::span<std::uint8_t> rgb) {
  for (std::size_t i = 0; i * 4 < rgba.size(); ++i) {
    const int alpha = rgba[4 * i + 3];
    for (std::size_t c = 0; c < 3; ++c)
      rgb[3 * i + c] = static_cast<std::uint8_t>((rgba[4 * i + c] * alpha + 255 * (255 - alpha) + 127) / 255);
  }
}

}  // namespace

Image decode_png(std::span<const std::byte> bytes, const std::string& where) {
  Reader png(bytes, where);
  check_image_size(png.image.width, png.image.height, where);
  Image image(static_cast<int>(png.image.width), static_cast<int>(png.image.height));
  if (png.image.format & PNG_FORMAT_FLAG_ALPHA) {
    std::vector<std::uint8_t> rgba(image.pixels.size() / 3 * 4);
    png.read(PNG_FORMAT_RGBA, rgba.data());
    lay_over_white(rgba, image.pixels);
  } else {
    png.read(PNG_FORMAT_RGB, image.pixels.data());
  }
  return upright(std::move(image), orientation_of(ImageBytes(bytes, where, std::endian::big)));
}

}  // namespace regard

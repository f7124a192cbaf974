#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "regard/core/error.h"
#include "regard/core/image.h"

/// Shared by the formats. Everything here throws Error, in which `where` names the image; nothing prints.
namespace regard {

/// A format that is read: a row of the table of formats.
struct ImageCodec {
  std::string_view name;                      ///< as messages name it
  std::span<const std::string_view> endings;  ///< of file names: lower case, with the dot
  bool (*matches)(std::span<const std::byte> bytes);
  /// Reads a whole file as upright RGB.
  Image (*decode)(std::span<const std::byte> bytes, const std::string& where);
  /// Writes RGB or grey; null if the format is only read.
  std::vector<std::uint8_t> (*encode)(const ImageView& image, const std::string& where) = nullptr;
};

std::span<const ImageCodec> image_codecs();

/// The format of a file by its first bytes. Throws Error for an unknown one, saying what it looks like.
const ImageCodec& find_codec(std::span<const std::byte> bytes, const std::string& where);

Image decode_jpeg(std::span<const std::byte> bytes, const std::string& where);
Image decode_png(std::span<const std::byte> bytes, const std::string& where);
Image decode_webp(std::span<const std::byte> bytes, const std::string& where);
Image decode_tiff(std::span<const std::byte> bytes, const std::string& where);
Image decode_heif(std::span<const std::byte> bytes, const std::string& where);
Image decode_gif(std::span<const std::byte> bytes, const std::string& where);
Image decode_bmp(std::span<const std::byte> bytes, const std::string& where);

/// Lowers kMaxPixels for what this thread decodes, until it is destroyed.
class PixelLimit {
 public:
  explicit PixelLimit(std::int64_t most);
  ~PixelLimit();
  PixelLimit(const PixelLimit&) = delete;
  PixelLimit& operator=(const PixelLimit&) = delete;

 private:
  std::int64_t before_;
};

/// Throws Error if there are no pixels or more than kMaxPixels, or than a PixelLimit allows.
void check_image_size(std::int64_t width, std::int64_t height, const std::string& where);

/// Throws Error if decoding would take more than kMaxDecodeBytes in addition to the file and the result.
void check_decode_memory(std::uint64_t bytes, const std::string& where);

/// Errors that all formats put alike.
Error damaged_image(std::string_view format, const std::string& where, const std::string& reason);
Error unsupported_image(std::string_view format, const std::string& where, const std::string& expected,
                        const std::string& got);
Error cut_short(const std::string& where);

/// Tag 274 of a block of EXIF data, with or without the name "Exif" before it: 1 to 8; 1 where there is none
/// or the block is damaged.
int exif_orientation(std::span<const std::byte> exif);

/// The image rotated and flipped by an EXIF orientation.
Image upright(Image image, int orientation);

/// `count` pixels of red, green, blue and alpha (not multiplied) laid over white.
void lay_over_white(const std::uint8_t* rgba, std::uint8_t* rgb, std::size_t count);

}  // namespace regard

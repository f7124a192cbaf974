#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "regard/core/image.h"

namespace regard {

/// Reads an image as RGB, with its EXIF orientation applied: JPEG, PNG, WebP, TIFF, HEIC, AVIF, GIF, BMP;
/// grey, palette, 16 bits a sample (scaled to 8), CMYK and alpha (laid over white) included. For animations
/// and multi-page files, the first image. Throws Error if the file is missing, no image, damaged, of an
/// unsupported kind (which the message names), or exceeds the limits below (which is checked before
/// decoding).
///
/// A truncated file is an error, unless a JPEG or PNG lacks only its end mark. The image is decoded at full
/// size, since chips of small faces need all its pixels. Thread safe.
Image read_image(const std::filesystem::path& path);

/// The same from a file's bytes; `where` names them in messages.
Image decode_image(std::span<const std::byte> bytes, const std::string& where);

/// Writes RGB or grey as JPEG or PNG, by the extension, atomically. Throws Error.
void write_image(const std::filesystem::path& path, ImageView image);

/// The largest image that is read, in pixels; for fuzzing, one that takes milliseconds.
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
inline constexpr std::int64_t kMaxPixels = 1'000'000;
#else
inline constexpr std::int64_t kMaxPixels = 200'000'000;
#endif

/// Memory limit for decoding, in addition to the file and the 3 bytes per pixel of the result. Most images
/// take a few rows; progressive JPEG up to 6 bytes per pixel, interlaced PNG with alpha 4, WebP 8, planar
/// TIFF 5, HEIC and AVIF 12 to 24. Rotating an image takes 3 more, after these are released.
inline constexpr std::uint64_t kMaxDecodeBytes = 2'500'000'000;

/// The file name extensions of images, in lower case and with the dot: ".jpg", ".jpeg", ...
const std::vector<std::string_view>& image_endings();

/// Whether a name ends as an image's does, in lower or upper case.
bool is_image_name(const std::filesystem::path& path);

/// Whether write_image supports this extension.
bool is_written_image_name(const std::filesystem::path& path);

/// The formats that are read, for messages: "JPEG, PNG, ... or BMP".
std::string image_formats();

}  // namespace regard

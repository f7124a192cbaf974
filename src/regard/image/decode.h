#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

#include "regard/core/image.h"

namespace regard {

/// Reads an image as RGB, with its EXIF orientation applied: JPEG, PNG, WebP, BMP, TIFF; grey, palette, 16
/// bits a sample (scaled to 8), CMYK and alpha (laid over white) included. Throws Error if the file is
/// missing, no image, damaged, or has more than `kMaxPixels` pixels (which is found before decoding). For
/// animations and multi-page files, the first image.
///
/// A truncated file is an error, unless a JPEG or PNG lacks only its end mark. The image is decoded at full
/// size, since chips of small faces need all its pixels: the result takes 3 bytes per pixel, and decoding at
/// least as much again in addition to the file (6 if the image is rotated, 7 for PNG with alpha, up to 15 for
/// TIFF with 16 bits and alpha). Thread safe.
Image read_image(const std::filesystem::path& path);

/// The same from a file's bytes; `where` names them in messages.
Image decode_image(std::span<const std::byte> bytes, const std::string& where);

/// Writes RGB or grey as JPEG, PNG, WebP or BMP, by the extension, atomically. Throws Error.
void write_image(const std::filesystem::path& path, ImageView image);

/// The largest image that is read, in pixels.
inline constexpr std::int64_t kMaxPixels = 200'000'000;

}  // namespace regard

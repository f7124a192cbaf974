#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

#include "regard/core/image.h"

namespace regard {

/// Reads an image as RGB, upright as its EXIF orientation says: JPEG, PNG, WebP, BMP, TIFF; grey, palette,
/// 16 bits a sample (scaled to 8), CMYK and alpha (laid over white) included. Throws Error where the file is
/// missing, no image, damaged, or has more than `kMaxPixels` pixels (which is found before decoding). Of
/// animations and files of several pages, the first image.
///
/// A file that is cut short is an error; a JPEG or PNG that lacks no more than its end mark is not. The
/// image is decoded whole, since chips of small faces want all its pixels: the result takes 3 bytes a
/// pixel, the way there as much again or more beside the file's bytes (6 where an image is turned, 7 for PNG
/// with alpha, up to 15 for TIFF with 16 bits and alpha). Thread safe.
Image read_image(const std::filesystem::path& path);

/// The same from a file's bytes; `where` names them in messages.
Image decode_image(std::span<const std::byte> bytes, const std::string& where);

/// Writes RGB or grey as JPEG, PNG, WebP or BMP, as the name's ending says, atomically. Throws Error.
void write_image(const std::filesystem::path& path, ImageView image);

/// The largest image that is read, in pixels.
inline constexpr std::int64_t kMaxPixels = 200'000'000;

}  // namespace regard

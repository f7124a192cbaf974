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

/// Reads an image as RGB, upright as its EXIF orientation says: JPEG, PNG, WebP, TIFF, HEIC, AVIF, GIF, BMP;
/// grey, palette, 16 bits a sample (scaled to 8), CMYK and alpha (laid over white) included. Of animations
/// and files of several pages, the first image. Throws Error where the file is missing, no image, damaged, of
/// a kind that is not supported (which the message names), or beyond the limits below (which is found before
/// decoding).
///
/// A file that is cut short is an error; a JPEG or PNG that lacks no more than its end mark is not. The
/// image is decoded whole, since chips of small faces want all its pixels. Thread safe.
Image read_image(const std::filesystem::path& path);

/// The same from a file's bytes; `where` names them in messages.
Image decode_image(std::span<const std::byte> bytes, const std::string& where);

/// Writes RGB or grey as JPEG or PNG, as the name's ending says, atomically. Throws Error.
void write_image(const std::filesystem::path& path, ImageView image);

/// The largest image that is read, in pixels; for fuzzing, one that takes milliseconds.
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
inline constexpr std::int64_t kMaxPixels = 1'000'000;
#else
inline constexpr std::int64_t kMaxPixels = 200'000'000;
#endif

/// What decoding may take, beside the file's bytes and the result's 3 bytes a pixel. Most images take a few
/// rows; progressive JPEG up to 6 bytes a pixel, interlaced PNG with alpha 4, WebP 8, TIFF in planes 5, HEIC
/// and AVIF 12 to 24 bytes a pixel. An image that is turned takes 3 more, after these are gone.
inline constexpr std::uint64_t kMaxDecodeBytes = 2'500'000'000;

/// The endings of names that images have, in lower case and with the dot: ".jpg", ".jpeg", ...
const std::vector<std::string_view>& image_endings();

/// Whether a name ends as an image's does, in lower or upper case.
bool is_image_name(const std::filesystem::path& path);

/// Whether write_image writes what ends so.
bool is_written_image_name(const std::filesystem::path& path);

/// The formats that are read, for messages: "JPEG, PNG, ... or BMP".
std::string image_formats();

}  // namespace regard

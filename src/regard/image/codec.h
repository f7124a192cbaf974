#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "regard/core/image.h"

/// The format-specific parts of reading an image. All throw Error, in which `where` names the image; none
/// prints.
namespace regard {

enum class ImageFormat { jpeg, png, webp, bmp, tiff };

/// Recognised by the first bytes. Throws Error for an unknown format.
ImageFormat image_format(std::span<const std::byte> bytes, const std::string& where);

/// Throws Error if there are no pixels or more than kMaxPixels.
void check_image_size(std::int64_t width, std::int64_t height, const std::string& where);

/// Tag 274 of EXIF data: 1 to 8; 1 if it is missing or damaged.
int exif_orientation(std::span<const std::byte> exif);

/// The image rotated and flipped by an EXIF orientation.
Image upright(Image image, int orientation);

/// Each reads a whole file of its format as upright RGB.
Image decode_jpeg(std::span<const std::byte> bytes, const std::string& where);
Image decode_png(std::span<const std::byte> bytes, const std::string& where);
Image decode_webp(std::span<const std::byte> bytes, const std::string& where);
Image decode_bmp(std::span<const std::byte> bytes, const std::string& where);
Image decode_tiff(std::span<const std::byte> bytes, const std::string& where);

}  // namespace regard

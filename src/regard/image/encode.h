#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "regard/core/image.h"

namespace regard {

/// RGB or grey as a PNG or JPEG file's bytes. Throw Error, in which `where` names the image, where the view
/// is no image or too large for the format (65,500 pixels a side for JPEG). Thread safe.
std::vector<std::uint8_t> encode_png(const ImageView& image, const std::string& where = {});
std::vector<std::uint8_t> encode_jpeg(const ImageView& image, int quality = 95,
                                      const std::string& where = {});

}  // namespace regard

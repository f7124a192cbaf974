#include <array>
#include <bit>
#include <opencv2/core.hpp>

#include "regard/image/bytes.h"
#include "regard/image/codec.h"
#include "regard/image/opencv.h"

namespace regard {

int exif_orientation(std::span<const std::byte> exif) {
  constexpr std::uint32_t kOrientation = 274, kShort = 3;
  const std::string where = "EXIF";
  try {
    if (ByteReader(exif, where, std::endian::big).has(0, {"Exif\0\0", 6})) exif = exif.subspan(6);
    const bool little = ByteReader(exif, where, std::endian::big).has(0, "II");
    const ByteReader block(exif, where, little ? std::endian::little : std::endian::big);
    const std::size_t first = block.u32(4), count = block.u16(first);
    for (std::size_t i = 0, at = first + 2; i < count; ++i, at += 12) {
      if (block.u16(at) != kOrientation) continue;
      const auto value = block.u16(at + 2) == kShort ? block.u16(at + 8) : block.u32(at + 8);
      return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
    }
  } catch (const Error&) {  // the image can be read without it
  }
  return 1;
}

Image upright(Image image, int orientation) {
  if (orientation <= 1 || orientation > 8) return image;
  const bool lies = orientation >= 5;
  Image turned(lies ? image.height : image.width, lies ? image.width : image.height, image.channels);
  cv::Mat from = mat_of(image), to = mat_of(turned);
  // OpenCV's flip codes: 1 around the vertical axis, 0 around the horizontal axis, -1 around both; after a
  // transposition for rotations by 90 degrees.
  constexpr std::array<int, 9> kFlip{0, 0, 1, -1, 0, 0, 1, -1, 0};
  if (lies) cv::transpose(from, to);
  if (orientation != 5) cv::flip(lies ? to : from, to, kFlip[orientation]);
  return turned;
}

void lay_over_white(const std::uint8_t* rgba, std::uint8_t* rgb, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i, rgba += 4, rgb += 3) {
    const int alpha = rgba[3];
    for (std::size_t c = 0; c < 3; ++c)
      rgb[c] = static_cast<std::uint8_t>((rgba[c] * alpha + 255 * (255 - alpha) + 127) / 255);
  }
}

}  // namespace regard

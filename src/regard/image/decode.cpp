#include "regard/image/decode.h"

#include <algorithm>
#include <array>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "regard/core/error.h"
#include "regard/core/file.h"
#include "regard/image/bytes.h"
#include "regard/image/codec.h"
#include "regard/image/opencv.h"

namespace regard {

ImageFormat image_format(std::span<const std::byte> bytes, const std::string& where) {
  const ImageBytes file(bytes, where, std::endian::big);
  if (file.has(0, "\xff\xd8\xff")) return ImageFormat::jpeg;
  if (file.has(0, "\x89PNG\r\n\x1a\n")) return ImageFormat::png;
  if (file.has(0, "RIFF") && file.has(8, "WEBP")) return ImageFormat::webp;
  if (file.has(0, "BM")) return ImageFormat::bmp;
  if (file.has(0, {"II*\0", 4}) || file.has(0, {"MM\0*", 4})) return ImageFormat::tiff;
  throw Error("is no image that can be read", where, "JPEG, PNG, WebP, BMP or TIFF",
              bytes.empty() ? "an empty file" : "something else");
}

void check_image_size(std::int64_t width, std::int64_t height, const std::string& where) {
  if (width < 1 || height < 1) throw Error("image has no pixels", where);
  if (width > kMaxPixels / height)
    throw Error("image is too large", where, "at most " + std::to_string(kMaxPixels) + " pixels",
                std::to_string(width) + " x " + std::to_string(height));
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

Image decode_image(std::span<const std::byte> bytes, const std::string& where) {
  switch (image_format(bytes, where)) {
    case ImageFormat::jpeg:
      return decode_jpeg(bytes, where);
    case ImageFormat::png:
      return decode_png(bytes, where);
    case ImageFormat::webp:
      return decode_webp(bytes, where);
    case ImageFormat::bmp:
      return decode_bmp(bytes, where);
    default:
      return decode_tiff(bytes, where);
  }
}

Image read_image(const std::filesystem::path& path) {
  const std::string bytes = read_text(path);  // if a mapped file is truncated meanwhile, the program crashes
  return decode_image(std::as_bytes(std::span(bytes)), path.string());
}

void write_image(const std::filesystem::path& path, ImageView image) {
  check_view(image, path.string());
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  constexpr std::array<std::string_view, 5> kKnown{".jpg", ".jpeg", ".png", ".webp", ".bmp"};
  if (std::find(kKnown.begin(), kKnown.end(), ending) == kKnown.end())
    throw Error("image cannot be written", path.string(), "a name that ends in .jpg, .png, .webp or .bmp",
                ending);
  std::vector<std::uint8_t> bytes;
  try {
    cv::Mat pixels = mat_of(image);
    if (image.channels == 3) cv::cvtColor(mat_of(image), pixels = cv::Mat(), cv::COLOR_RGB2BGR);
    if (!cv::imencode(ending, pixels, bytes)) throw Error("image cannot be written", path.string());
  } catch (const cv::Exception& error) {
    throw Error("image cannot be written: " + error.err, path.string());
  }
  const std::array<std::span<const std::byte>, 1> parts{std::as_bytes(std::span(bytes))};
  write_file_atomically(path, parts);
}

}  // namespace regard

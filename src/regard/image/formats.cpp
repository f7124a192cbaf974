#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <optional>
#include <vector>

#include "regard/core/error.h"
#include "regard/image/bytes.h"
#include "regard/image/codec.h"

// WebP, BMP and TIFF, decoded by OpenCV. Sizes and lengths are checked first, since OpenCV prints its errors.
namespace regard {
namespace {

/// Blends b, g, r, alpha with white into r, g, b; `multiplied`: colours are premultiplied.
cv::Mat over_white(const cv::Mat& bgra, bool multiplied) {
  cv::Mat rgb(bgra.size(), CV_8UC3);
  for (int y = 0; y < bgra.rows; ++y)
    for (int x = 0; x < bgra.cols; ++x) {
      const auto from = bgra.at<cv::Vec4b>(y, x);
      auto& to = rgb.at<cv::Vec3b>(y, x);
      const int share = multiplied ? 255 : from[3];
      for (int c = 0; c < 3; ++c)
        to[c] = cv::saturate_cast<std::uint8_t>((from[2 - c] * share + 255 * (255 - from[3]) + 127) / 255);
    }
  return rgb;
}

cv::Mat to_rgb(cv::Mat pixels, bool multiplied, const std::string& where) {
  if (pixels.depth() == CV_16U) multiplied = false;
  if (pixels.depth() == CV_16U) pixels.convertTo(pixels, CV_8U, 255. / 65535);
  if (pixels.depth() != CV_8U)
    throw Error("image has samples of an unknown kind", where, "8 or 16 bit integers");
  switch (pixels.channels()) {
    case 1:
      cv::cvtColor(pixels, pixels, cv::COLOR_GRAY2RGB);
      return pixels;
    case 3:
      cv::cvtColor(pixels, pixels, cv::COLOR_BGR2RGB);
      return pixels;
    case 4:
      return over_white(pixels, multiplied);
    default:
      throw Error("image has an unknown number of channels", where, "1, 3 or 4",
                  std::to_string(pixels.channels()));
  }
}

/// Decodes with OpenCV, without EXIF orientation, to RGB. `multiplied`: OpenCV premultiplies 8-bit colours.
Image decode_by_opencv(std::span<const std::byte> bytes, const std::string& where, bool multiplied = false) {
  constexpr std::size_t kMost = std::numeric_limits<int>::max();
  if (bytes.size() > kMost)
    throw Error("file is too large", where, "at most " + std::to_string(kMost) + " bytes",
                std::to_string(bytes.size()));
  cv::Mat pixels;
  try {
    const cv::Mat file(1, static_cast<int>(bytes.size()), CV_8UC1, const_cast<std::byte*>(bytes.data()));
    pixels = cv::imdecode(file, cv::IMREAD_UNCHANGED);
  } catch (const cv::Exception& error) {
    throw Error("image is damaged: " + error.err, where);
  }
  if (pixels.empty()) throw Error("image is damaged", where);
  const cv::Mat rgb = to_rgb(std::move(pixels), multiplied, where);
  Image image(rgb.cols, rgb.rows);
  std::memcpy(image.pixels.data(), rgb.data, image.pixels.size());
  return image;
}

/// The first directory of a TIFF file, of which a block of EXIF data is one.
class TiffDirectory {
 public:
  TiffDirectory(std::span<const std::byte> bytes, const std::string& where)
      : file_(bytes, where,
              ImageBytes(bytes, where, std::endian::big).has(0, "II") ? std::endian::little
                                                                      : std::endian::big) {
    first_ = file_.u32(4);
    count_ = file_.u16(first_);
  }

  /// Offset, count and size in bytes of the numbers of a field; none if there is no such field.
  struct Field {
    std::size_t start = 0, count = 0, size = 4;
  };

  Field find(std::uint32_t tag) const {
    for (std::size_t i = 0; i < count_; ++i) {
      const std::size_t at = first_ + 2 + 12 * i;
      if (file_.u16(at) != tag) continue;
      const std::size_t size = file_.u16(at + 2) == 3 ? 2 : 4, count = file_.u32(at + 4);
      return {count * size <= 4 ? at + 8 : file_.u32(at + 8), count, size};
    }
    return {};
  }

  std::uint32_t number(const Field& field, std::size_t index) const {
    const std::size_t place = field.start + index * field.size;
    return field.size == 2 ? file_.u16(place) : file_.u32(place);
  }

  /// The first number of a field.
  std::optional<std::uint32_t> get(std::uint32_t tag) const {
    const Field field = find(tag);
    return field.count ? std::optional(number(field, 0)) : std::nullopt;
  }

 private:
  ImageBytes file_;
  std::size_t first_ = 0, count_ = 0;
};

/// Throws if a strip or tile lies beyond the file's end.
void check_strips(const TiffDirectory& tiff, std::size_t size, const std::string& where) {
  const bool tiled = tiff.find(324).count > 0;
  const auto starts = tiff.find(tiled ? 324 : 273), lengths = tiff.find(tiled ? 325 : 279);
  for (std::size_t i = 0; i < std::min(starts.count, lengths.count); ++i)
    if (std::size_t{tiff.number(starts, i)} + tiff.number(lengths, i) > size)
      throw Error("image is cut short", where);
}

struct Chunk {
  std::size_t start = 0, size = 0;
};

/// The first chunk of that name in a list of RIFF chunks.
std::optional<Chunk> find_chunk(const ImageBytes& file, std::size_t at, std::size_t end,
                                std::string_view name) {
  while (at + 8 <= end) {
    const std::size_t size = file.u32(at + 4);
    file.part(at + 8, size);
    if (file.has(at, name)) return Chunk{at + 8, size};
    at += 8 + size + size % 2;
  }
  return {};
}

void check_webp_size(const ImageBytes& file, const std::string& where) {
  constexpr std::size_t kBody = 20;
  if (file.has(12, "VP8X")) return check_image_size(file.u24(kBody + 4) + 1, file.u24(kBody + 7) + 1, where);
  if (file.has(12, "VP8L")) {
    const std::uint32_t bits = file.u32(kBody + 1);
    return check_image_size((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1, where);
  }
  check_image_size(file.u16(kBody + 6) & 0x3fff, file.u16(kBody + 8) & 0x3fff, where);
}

void append(std::vector<std::byte>& bytes, std::uint32_t value, int count) {
  for (int i = 0; i < count; ++i) bytes.push_back(static_cast<std::byte>(value >> 8 * i));
}

void append(std::vector<std::byte>& bytes, std::string_view text) {
  for (const char c : text) bytes.push_back(static_cast<std::byte>(c));
}

/// A still image with the first frame of an animation, which OpenCV before 4.11 cannot read.
std::vector<std::byte> first_frame(const ImageBytes& file, const Chunk& frame, const std::string& where) {
  constexpr std::size_t kFrameHeader = 16, kStillHeader = 22;
  if (frame.size < kFrameHeader) throw Error("image is cut short", where);
  const std::uint32_t width = file.u24(frame.start + 6), height = file.u24(frame.start + 9);
  check_image_size(width + 1, height + 1, where);
  const auto body = file.part(frame.start + kFrameHeader, frame.size - kFrameHeader);
  std::vector<std::byte> still;
  append(still, "RIFF");
  append(still, static_cast<std::uint32_t>(kStillHeader + body.size()), 4);
  append(still, "WEBPVP8X");
  append(still, 10, 4);
  append(still, 0x10, 4);  // has alpha
  append(still, width, 3);
  append(still, height, 3);
  still.insert(still.end(), body.begin(), body.end());
  return still;
}

}  // namespace

int exif_orientation(std::span<const std::byte> exif) {
  try {
    const auto value = TiffDirectory(exif, "EXIF").get(274).value_or(1);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  } catch (const Error&) {
    return 1;  // images are readable without it
  }
}

Image decode_webp(std::span<const std::byte> bytes, const std::string& where) {
  const ImageBytes file(bytes, where, std::endian::little);
  const std::size_t end = 8 + std::size_t{file.u32(4)};
  if (end > bytes.size()) throw Error("image is cut short", where);
  check_webp_size(file, where);
  int orientation = 1;
  if (const auto exif = find_chunk(file, 12, end, "EXIF")) {
    const std::size_t name = file.has(exif->start, {"Exif\0\0", 6}) ? 6 : 0;
    orientation = exif_orientation(file.part(exif->start + name, exif->size - name));
  }
  const auto frame = find_chunk(file, 12, end, "ANMF");
  return upright(decode_by_opencv(frame ? first_frame(file, *frame, where) : bytes, where), orientation);
}

Image decode_bmp(std::span<const std::byte> bytes, const std::string& where) {
  const ImageBytes file(bytes, where, std::endian::little);
  const std::uint32_t header = file.u32(14);
  if (header < 12) throw Error("BMP is damaged", where);
  const bool old = header == 12;
  const std::int64_t width = old ? file.u16(18) : static_cast<std::int32_t>(file.u32(18));
  const std::int64_t height =
      old ? file.u16(20) : std::abs(std::int64_t{static_cast<std::int32_t>(file.u32(22))});
  check_image_size(width, height, where);
  const std::int64_t bits = file.u16(old ? 24 : 28), compression = old ? 0 : file.u32(30);
  const bool plain = compression == 0 || compression == 3;
  if (plain) file.part(file.u32(10), static_cast<std::size_t>((width * bits + 31) / 32 * 4 * height));
  return decode_by_opencv(bytes, where);
}

Image decode_tiff(std::span<const std::byte> bytes, const std::string& where) {
  const TiffDirectory tiff(bytes, where);
  check_image_size(tiff.get(256).value_or(0), tiff.get(257).value_or(0), where);
  check_strips(tiff, bytes.size(), where);
  return decode_by_opencv(bytes, where, true);  // which rotates TIFF itself
}

}  // namespace regard

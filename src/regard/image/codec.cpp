#include "regard/image/codec.h"

#include <algorithm>
#include <array>
#include <bit>

#include "regard/core/content.h"
#include "regard/image/bytes.h"
#include "regard/image/decode.h"
#include "regard/image/encode.h"

namespace regard {
namespace {

using Bytes = std::span<const std::byte>;
using std::operator""sv;

constexpr std::array kJpegEndings{".jpg"sv, ".jpeg"sv, ".jpe"sv, ".jfif"sv, ".jif"sv};
constexpr std::array kPngEndings{".png"sv, ".apng"sv};
constexpr std::array kWebpEndings{".webp"sv};
constexpr std::array kTiffEndings{".tif"sv, ".tiff"sv};
constexpr std::array kHeicEndings{".heic"sv, ".heif"sv, ".hif"sv};
constexpr std::array kAvifEndings{".avif"sv};
constexpr std::array kGifEndings{".gif"sv};
constexpr std::array kBmpEndings{".bmp"sv, ".dib"sv};

bool has(Bytes bytes, std::size_t at, std::string_view text) {
  return ByteReader(bytes, {}, std::endian::big).has(at, text);
}

bool is_jpeg(Bytes bytes) {
  return has(bytes, 0, "\xff\xd8\xff");
}

bool is_png(Bytes bytes) {
  return has(bytes, 0, "\x89PNG\r\n\x1a\n");
}

bool is_webp(Bytes bytes) {
  return has(bytes, 0, "RIFF") && has(bytes, 8, "WEBP");
}

/// Also BigTIFF, whose version is 43.
bool is_tiff(Bytes bytes) {
  for (const auto start : {"II*\0"sv, "MM\0*"sv, "II+\0"sv, "MM\0+"sv})
    if (has(bytes, 0, start)) return true;
  return false;
}

/// Whether a file of the ISO base media format says that it conforms to one of these brands.
bool has_brand(Bytes bytes, std::initializer_list<std::string_view> brands) {
  if (!has(bytes, 4, "ftyp")) return false;
  const std::size_t end = std::min<std::size_t>(ByteReader(bytes, {}, std::endian::big).u32(0), 256);
  for (std::size_t at = 8; at + 4 <= end; at += at == 8 ? 8 : 4)  // after the first there is a version
    for (const auto brand : brands)
      if (has(bytes, at, brand)) return true;
  return false;
}

bool is_avif(Bytes bytes) {
  return has_brand(bytes, {"avif", "avis"});
}

bool is_heic(Bytes bytes) {
  return has_brand(bytes, {"heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "mif1", "msf1"});
}

bool is_gif(Bytes bytes) {
  return has(bytes, 0, "GIF87a") || has(bytes, 0, "GIF89a");
}

/// "BM" alone may be the beginning of a text, so the length of the next header is checked as well.
bool is_bmp(Bytes bytes) {
  if (!has(bytes, 0, "BM")) return false;
  for (const auto length : {"\x0c\0\0\0"sv, "\x28\0\0\0"sv, "\x34\0\0\0"sv, "\x38\0\0\0"sv, "\x40\0\0\0"sv,
                            "\x10\0\0\0"sv, "\x6c\0\0\0"sv, "\x7c\0\0\0"sv})
    if (has(bytes, 14, length)) return true;
  return false;
}

constexpr std::array kCodecs{
    ImageCodec{
        "JPEG", kJpegEndings, is_jpeg, decode_jpeg,
        [](const ImageView& image, const std::string& where) { return encode_jpeg(image, 95, where); }},
    ImageCodec{"PNG", kPngEndings, is_png, decode_png, encode_png},
    ImageCodec{"WebP", kWebpEndings, is_webp, decode_webp},
    ImageCodec{"TIFF", kTiffEndings, is_tiff, decode_tiff},
    ImageCodec{"AVIF", kAvifEndings, is_avif, decode_heif},  // before HEIC, whose brands such a file may bear
    ImageCodec{"HEIC", kHeicEndings, is_heic, decode_heif},
    ImageCodec{"GIF", kGifEndings, is_gif, decode_gif},
    ImageCodec{"BMP", kBmpEndings, is_bmp, decode_bmp},
};

thread_local std::int64_t most_pixels = kMaxPixels;

}  // namespace

PixelLimit::PixelLimit(std::int64_t most) : before_(most_pixels) {
  most_pixels = std::min(most_pixels, most);
}

PixelLimit::~PixelLimit() {
  most_pixels = before_;
}

std::span<const ImageCodec> image_codecs() {
  return kCodecs;
}

const ImageCodec& find_codec(Bytes bytes, const std::string& where) {
  for (const auto& codec : kCodecs)
    if (codec.matches(bytes)) return codec;
  throw Error("is not an image that can be read", where, image_formats(),
              std::string(describe_content(bytes)));
}

void check_image_size(std::int64_t width, std::int64_t height, const std::string& where) {
  if (width < 1 || height < 1) throw Error("image has no pixels", where);
  if (width > most_pixels / height)
    throw Error("image is too large", where, "at most " + std::to_string(most_pixels) + " pixels",
                std::to_string(width) + " x " + std::to_string(height));
}

void check_decode_memory(std::uint64_t bytes, const std::string& where) {
  if (bytes > kMaxDecodeBytes)
    throw Error("image takes too much memory to decode", where,
                "at most " + std::to_string(kMaxDecodeBytes) + " bytes", std::to_string(bytes));
}

Error damaged_image(std::string_view format, const std::string& where, const std::string& reason) {
  return Error(std::string(format) + " is damaged" + (reason.empty() ? "" : ": " + reason), where);
}

Error unsupported_image(std::string_view format, const std::string& where, const std::string& expected,
                        const std::string& got) {
  return Error(std::string(format) + " of a kind that is not supported", where, expected, got);
}

Error cut_short(const std::string& where) {
  return Error("image is cut short", where);
}

}  // namespace regard

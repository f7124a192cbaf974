#include <png.h>
#include <zlib.h>

#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "regard/core/error.h"
#include "regard/image/bytes.h"
#include "regard/image/codec.h"
#include "regard/image/encode.h"

namespace regard {
namespace {

[[noreturn]] void give_up(png_structp png, png_const_charp message) {
  auto* kept = static_cast<std::array<char, 128>*>(png_get_error_ptr(png));
  std::snprintf(kept->data(), kept->size(), "%s", message);
  png_longjmp(png, 1);
}

void stay_silent(png_structp, png_const_charp) {}

/// Between setjmp and a longjmp to it there is no C++ object with a destructor: whatever libpng's calls need
/// is a member.
class PngReader {
 public:
  PngReader(std::span<const std::byte> bytes, const std::string& where) : bytes_(bytes), where_(where) {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, &message_, give_up, stay_silent);
    info_ = png_ ? png_create_info_struct(png_) : nullptr;
    if (!info_) {
      png_destroy_read_struct(&png_, nullptr, nullptr);
      throw Error("PNG cannot be read: no memory", where_);
    }
  }
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  void read_header() {
    if (setjmp(png_jmpbuf(png_))) fail();
    png_set_read_fn(png_, this, read_bytes);
    skip_other_chunks();
    png_read_info(png_, info_);
    png_get_IHDR(png_, info_, &width_, &height_, nullptr, nullptr, &interlace_, nullptr, nullptr);
  }

  /// Asks for 8 bits a sample, red, green, blue and alpha where there is any, as sRGB. Then the samples of a
  /// pixel: 3 or 4.
  int prepare() {
    if (setjmp(png_jmpbuf(png_))) fail();
    png_set_alpha_mode_fixed(png_, PNG_ALPHA_PNG, PNG_DEFAULT_sRGB);  // where gAMA says something else
    png_set_expand(png_);
    png_set_scale_16(png_);
    png_set_gray_to_rgb(png_);
    passes_ = png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    return png_get_channels(png_, info_);
  }

  /// Into rows of `stride` bytes, pass by pass.
  void read_rows(std::uint8_t* pixels, std::size_t stride) {
    if (setjmp(png_jmpbuf(png_))) fail();
    for (int pass = 0; pass < passes_; ++pass)
      for (png_uint_32 y = 0; y < height_; ++y) png_read_row(png_, pixels + y * stride, nullptr);
  }

  /// Of an image with alpha that is not interlaced, row by row.
  void read_rows_over_white(Image& image) {
    row_.resize(std::size_t{4} * width_);
    if (setjmp(png_jmpbuf(png_))) fail();
    for (int y = 0; y < image.height; ++y) {
      png_read_row(png_, row_.data(), nullptr);
      lay_over_white(row_.data(), image.row(y), width_);
    }
  }

  std::int64_t width() const { return width_; }
  std::int64_t height() const { return height_; }
  bool interlaced() const { return passes_ > 1; }

 private:
  static void read_bytes(png_structp png, png_bytep to, std::size_t count) {
    auto* reader = static_cast<PngReader*>(png_get_io_ptr(png));
    if (count > reader->bytes_.size() - reader->position_) {
      reader->is_cut_ = true;
      png_error(png, "end of file");
    }
    std::memcpy(to, reader->bytes_.data() + reader->position_, count);
    reader->position_ += count;
  }

  /// Texts, times and the like are not even unpacked.
  void skip_other_chunks() {
    static constexpr png_byte kRead[] = "cHRM\0gAMA\0iCCP\0sBIT\0sRGB";
    png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
    png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_AS_DEFAULT, kRead, sizeof(kRead) / 5);
  }

  [[noreturn]] void fail() const {
    if (is_cut_) throw cut_short(where_);
    throw damaged_image("PNG", where_, message_.data());
  }

  std::span<const std::byte> bytes_;
  const std::string& where_;
  std::array<char, 128> message_{};
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::size_t position_ = 0;
  bool is_cut_ = false;
  png_uint_32 width_ = 0, height_ = 0;
  int interlace_ = 0, passes_ = 1;
  std::vector<std::uint8_t> row_;
};

/// The chunk "eXIf", which may precede or follow the image data.
int orientation_of(const ByteReader& file) {
  std::size_t at = 8;
  while (at + 12 <= file.size() && !file.has(at + 4, "IEND")) {
    const std::size_t length = file.u32(at);
    if (length > file.size() - at - 12) break;
    if (file.has(at + 4, "eXIf")) return exif_orientation(file.part(at + 8, length));
    at += length + 12;
  }
  return 1;
}

class PngWriter {
 public:
  explicit PngWriter(const std::string& where) : where_(where) {
    png_ = png_create_write_struct(PNG_LIBPNG_VER_STRING, &message_, give_up, stay_silent);
    info_ = png_ ? png_create_info_struct(png_) : nullptr;
    if (!info_) {
      png_destroy_write_struct(&png_, nullptr);
      throw Error("PNG cannot be written: no memory", where_);
    }
  }
  ~PngWriter() { png_destroy_write_struct(&png_, &info_); }
  PngWriter(const PngWriter&) = delete;
  PngWriter& operator=(const PngWriter&) = delete;

  void write(const ImageView& image) {
    if (setjmp(png_jmpbuf(png_)))
      throw Error(std::string("image cannot be written as PNG: ") + message_.data(), where_);
    png_set_write_fn(png_, this, write_bytes, [](png_structp) {});
    png_set_IHDR(png_, info_, static_cast<png_uint_32>(image.width), static_cast<png_uint_32>(image.height),
                 8, image.channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    // Photographs: several times as fast as zlib's defaults, and hardly larger.
    png_set_filter(png_, PNG_FILTER_TYPE_BASE, PNG_FILTER_SUB);
    png_set_compression_level(png_, Z_BEST_SPEED);
    png_set_compression_strategy(png_, Z_RLE);
    png_write_info(png_, info_);
    for (int y = 0; y < image.height; ++y) png_write_row(png_, image.row(y));
    png_write_end(png_, info_);
  }

  std::vector<std::uint8_t>&& take() { return std::move(bytes_); }

 private:
  static void write_bytes(png_structp png, png_bytep from, std::size_t count) {
    auto& bytes = static_cast<PngWriter*>(png_get_io_ptr(png))->bytes_;
    bytes.insert(bytes.end(), from, from + count);
  }

  const std::string& where_;
  std::array<char, 128> message_{};
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace

Image decode_png(std::span<const std::byte> bytes, const std::string& where) {
  PngReader png(bytes, where);
  png.read_header();
  check_image_size(png.width(), png.height(), where);
  const bool has_alpha = png.prepare() == 4;
  Image image(static_cast<int>(png.width()), static_cast<int>(png.height()));
  const std::size_t width = static_cast<std::size_t>(image.width);
  if (!has_alpha) {
    png.read_rows(image.pixels.data(), 3 * width);
  } else if (!png.interlaced()) {
    png.read_rows_over_white(image);
  } else {
    std::vector<std::uint8_t> rgba(image.pixels.size() / 3 * 4);
    png.read_rows(rgba.data(), 4 * width);
    lay_over_white(rgba.data(), image.pixels.data(), rgba.size() / 4);
  }
  return upright(std::move(image), orientation_of(ByteReader(bytes, where, std::endian::big)));
}

std::vector<std::uint8_t> encode_png(const ImageView& image, const std::string& where) {
  check_view(image, where);
  PngWriter png(where);
  png.write(image);
  return png.take();
}

}  // namespace regard

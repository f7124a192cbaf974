#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <string>
#include <vector>

#include "regard/core/error.h"
#include "regard/image/bytes.h"
#include "regard/image/codec.h"

// Microsoft's documentation of BITMAPFILEHEADER, BITMAPINFOHEADER, BITMAPV5HEADER and of bitmap compression,
// and OS/2's headers of 12, 16 and 64 bytes.
namespace regard {
namespace {

constexpr std::size_t kHeader = 14;  // where the second header begins, after the file's
constexpr std::uint32_t kCore = 12, kInfo = 40, kOs2 = 64;
enum Compression : std::uint32_t { kPlain = 0, kRle8 = 1, kRle4 = 2, kMasks = 3, kAlphaMasks = 6 };

struct Rgb {
  std::uint8_t red = 0, green = 0, blue = 0;
};

/// The bits of one channel in a pixel.
struct Mask {
  std::uint32_t bits = 0;

  std::uint8_t of(std::uint32_t pixel) const {
    if (bits == 0) return 0;
    const int shift = std::countr_zero(bits);
    const std::uint64_t most = bits >> shift, value = (pixel & bits) >> shift;
    return static_cast<std::uint8_t>((value * 255 + most / 2) / most);
  }
};

/// The validated headers.
class BmpFile {
 public:
  BmpFile(std::span<const std::byte> bytes, const std::string& where)
      : file_(bytes, where, std::endian::little), where_(where) {
    length_ = file_.u32(kHeader);
    if (length_ == kCore) {
      width_ = file_.u16(18);
      height_ = file_.u16(20);
      bits_ = file_.u16(24);
    } else {
      width_ = file_.i32(18);
      height_ = file_.i32(22);
      bits_ = file_.u16(28);
      if (length_ >= kInfo) compression_ = file_.u32(30);
    }
    is_top_down_ = height_ < 0;
    height_ = std::abs(height_);
    check_image_size(width_, height_, where);
    check_kind();
  }

  std::int64_t width() const { return width_; }
  std::int64_t height() const { return height_; }
  std::uint32_t bits() const { return bits_; }
  bool is_packed() const { return compression_ == kRle8 || compression_ == kRle4; }
  bool is_top_down() const { return is_top_down_; }
  /// Where the pixels begin.
  std::size_t start() const { return file_.u32(10); }
  const ByteReader& file() const { return file_; }

  /// Red, green, blue, alpha. Alpha only with a mask: otherwise the fourth byte is not alpha.
  std::array<Mask, 4> masks() const {
    if (!has_masks()) {
      if (bits_ == 16) return {Mask{0x7c00}, Mask{0x3e0}, Mask{0x1f}, Mask{}};
      return {Mask{0xff0000}, Mask{0xff00}, Mask{0xff}, Mask{}};
    }
    constexpr std::size_t kFirst = kHeader + kInfo;
    const bool has_alpha = compression_ == kAlphaMasks || length_ >= 56;
    return {Mask{file_.u32(kFirst)}, Mask{file_.u32(kFirst + 4)}, Mask{file_.u32(kFirst + 8)},
            Mask{has_alpha ? file_.u32(kFirst + 12) : 0}};
  }

  /// 256 colours; missing ones are black.
  std::array<Rgb, 256> palette() const {
    std::array<Rgb, 256> colours{};
    std::size_t at = kHeader + length_;
    if (length_ == kInfo && has_masks()) at += compression_ == kMasks ? 12 : 16;
    const std::size_t stated = length_ >= kInfo ? file_.u32(46) : 0, most = std::size_t{1} << bits_;
    const std::size_t count = stated == 0 ? most : std::min(stated, most), size = length_ == kCore ? 3 : 4;
    for (std::size_t i = 0; i < count; ++i, at += size) {
      if (at + 3 > file_.size()) throw cut_short(where_);
      const auto value = file_.number(at, 3);
      colours[i] = {static_cast<std::uint8_t>(value >> 16), static_cast<std::uint8_t>(value >> 8),
                    static_cast<std::uint8_t>(value)};
    }
    return colours;
  }

 private:
  bool has_masks() const { return compression_ == kMasks || compression_ == kAlphaMasks; }

  void check_kind() const {
    const auto refuse = [&](const std::string& got) {
      throw unsupported_image("BMP", where_, "plain, RLE4, RLE8 or bit masks", got);
    };
    if (length_ == kOs2 && compression_ == 3) refuse("OS/2's Huffman code");
    if (length_ == kOs2 && compression_ == 4) refuse("OS/2's RLE24");
    if (compression_ == 4) refuse("a JPEG inside");
    if (compression_ == 5) refuse("a PNG inside");
    if (compression_ > kAlphaMasks) refuse("compression " + std::to_string(compression_));
    constexpr std::array kBits{1, 2, 4, 8, 16, 24, 32};
    if (std::find(kBits.begin(), kBits.end(), bits_) == kBits.end())
      throw unsupported_image("BMP", where_, "1, 2, 4, 8, 16, 24 or 32 bits a pixel", std::to_string(bits_));
    if (compression_ == kRle8 && bits_ != 8) throw damaged_image("BMP", where_, "RLE8 wants 8 bits a pixel");
    if (compression_ == kRle4 && bits_ != 4) throw damaged_image("BMP", where_, "RLE4 wants 4 bits a pixel");
  }

  ByteReader file_;
  const std::string& where_;
  std::uint32_t length_ = 0, bits_ = 0, compression_ = kPlain;
  std::int64_t width_ = 0, height_ = 0;
  bool is_top_down_ = false;
};

/// The pixels of a file in any encoding.
class BmpPixels {
 public:
  explicit BmpPixels(const BmpFile& bmp)
      : bmp_(bmp),
        width_(static_cast<std::size_t>(bmp.width())),
        height_(static_cast<std::size_t>(bmp.height())),
        bits_(bmp.bits()) {}

  Image decode() const {
    Image image(static_cast<int>(width_), static_cast<int>(height_));
    if (bmp_.is_packed())
      read_packed(image);
    else if (bits_ <= 8)
      read_indices(image);
    else if (bits_ == 24)
      read_plain(image);
    else
      read_masked(image);
    return image;
  }

 private:
  /// Bytes from row to row.
  std::size_t stride() const { return (width_ * bits_ + 31) / 32 * 4; }

  /// Calls `take(row, target)` with the bytes of each row, topmost first. Only the last may lack its padding.
  template <class Take>
  void for_rows(Image& image, Take&& take) const {
    const std::size_t used = (width_ * bits_ + 7) / 8, start = bmp_.start();
    const auto data = bmp_.file().part(start, stride() * (height_ - 1) + used);
    for (std::size_t y = 0; y < height_; ++y)
      take(reinterpret_cast<const std::uint8_t*>(data.data()) +
               stride() * (bmp_.is_top_down() ? y : height_ - 1 - y),
           image.row(static_cast<int>(y)));
  }

  void read_plain(Image& image) const {
    for_rows(image, [&](const std::uint8_t* from, std::uint8_t* to) {
      for (std::size_t x = 0; x < width_; ++x, from += 3, to += 3)
        to[0] = from[2], to[1] = from[1], to[2] = from[0];
    });
  }

  void read_indices(Image& image) const {
    const auto colours = bmp_.palette();
    const std::size_t per_byte = 8 / bits_;
    for_rows(image, [&](const std::uint8_t* from, std::uint8_t* to) {
      for (std::size_t x = 0; x < width_; ++x, to += 3) {
        const std::size_t shift = (per_byte - 1 - x % per_byte) * bits_;
        const Rgb& colour = colours[from[x / per_byte] >> shift & ((1u << bits_) - 1)];
        to[0] = colour.red, to[1] = colour.green, to[2] = colour.blue;
      }
    });
  }

  void read_masked(Image& image) const {
    const auto channels = bmp_.masks();
    // If a mask is set but all alpha is zero, the image is meant to be opaque.
    const bool has_alpha = channels[3].bits && is_any_visible(image, channels[3]);
    for_rows(image, [&](const std::uint8_t* from, std::uint8_t* to) {
      for (std::size_t x = 0; x < width_; ++x, to += 3) {
        const std::uint32_t pixel = pixel_at(from, x);
        const std::array<std::uint8_t, 4> rgba{channels[0].of(pixel), channels[1].of(pixel),
                                               channels[2].of(pixel),
                                               has_alpha ? channels[3].of(pixel) : std::uint8_t{255}};
        lay_over_white(rgba.data(), to, 1);
      }
    });
  }

  bool is_any_visible(Image& image, Mask alpha) const {
    bool visible = false;
    for_rows(image, [&](const std::uint8_t* from, std::uint8_t*) {
      for (std::size_t x = 0; x < width_ && !visible; ++x) visible = pixel_at(from, x) & alpha.bits;
    });
    return visible;
  }

  std::uint32_t pixel_at(const std::uint8_t* row, std::size_t x) const {
    if (bits_ == 16) return row[2 * x] | row[2 * x + 1] << 8;
    row += 4 * x;
    return row[0] | row[1] << 8 | row[2] << 16 | static_cast<std::uint32_t>(row[3]) << 24;
  }

  void read_packed(Image& image) const {
    const auto colours = bmp_.palette();
    const auto indices = unpack();
    for (std::size_t y = 0; y < height_; ++y) {
      const std::size_t row = bmp_.is_top_down() ? y : height_ - 1 - y;
      std::uint8_t* to = image.row(static_cast<int>(y));
      for (std::size_t x = 0; x < width_; ++x, to += 3) {
        const Rgb& colour = colours[indices[row * width_ + x]];
        to[0] = colour.red, to[1] = colour.green, to[2] = colour.blue;
      }
    }
  }

  /// Indices of RLE4 or RLE8, in the file's order of rows; 0 if they are skipped.
  std::vector<std::uint8_t> unpack() const {
    std::vector<std::uint8_t> indices(width_ * height_);
    std::size_t at = bmp_.start(), x = 0, y = 0;
    const auto put = [&](std::uint32_t index) {
      if (x < width_ && y < height_) indices[y * width_ + x] = static_cast<std::uint8_t>(index);
      ++x;
    };
    while (y < height_) {
      const std::uint32_t count = bmp_.file().u8(at), value = bmp_.file().u8(at + 1);
      at += 2;
      if (count > 0) {
        for (std::uint32_t i = 0; i < count; ++i) put(bits_ == 8 ? value : i % 2 ? value & 15 : value >> 4);
      } else if (value == 0) {  // the row's end
        x = 0, ++y;
      } else if (value == 1) {  // the image's end
        break;
      } else if (value == 2) {
        x += bmp_.file().u8(at), y += bmp_.file().u8(at + 1), at += 2;
      } else {
        const std::size_t size = bits_ == 8 ? value : (value + 1) / 2;
        for (std::uint32_t i = 0; i < value; ++i) {
          const std::uint32_t byte = bmp_.file().u8(at + (bits_ == 8 ? i : i / 2));
          put(bits_ == 8 ? byte : i % 2 ? byte & 15 : byte >> 4);
        }
        at += size + size % 2;
      }
    }
    return indices;
  }

  const BmpFile& bmp_;
  std::size_t width_, height_;
  std::uint32_t bits_;
};

}  // namespace

Image decode_bmp(std::span<const std::byte> bytes, const std::string& where) {
  const BmpFile file(bytes, where);
  return BmpPixels(file).decode();
}

}  // namespace regard

#include <tiffio.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "regard/core/error.h"
#include "regard/image/codec.h"
#include "regard/image/decode.h"
#include "regard/image/tiff_samples.h"

// The samples are read by libtiff and interpreted here: its own way to RGB takes any fourth sample for alpha,
// and knows neither floating point nor 16 bits of ink.
namespace regard {
namespace {

/// A TIFF in memory. libtiff's first message is kept for the Error instead of being printed.
class TiffFile {
 public:
  TiffFile(std::span<const std::byte> bytes, const std::string& where) : bytes_(bytes), where_(where) {
    const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(TIFFOpenOptionsAlloc(),
                                                                                   &TIFFOpenOptionsFree);
    TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep_message, this);
    TIFFOpenOptionsSetWarningHandlerExtR(options.get(), stay_silent, this);
    TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), static_cast<tmsize_t>(kMaxDecodeBytes / 4));
    // m: not mapped, so that reads beyond the end are seen; O: arrays of strips are read as they are needed.
    tiff_ = TIFFClientOpenExt("image", "rmO", this, read, write, seek, close, size, nullptr, nullptr,
                              options.get());
    if (!tiff_) fail();
  }
  ~TiffFile() {
    if (tiff_) TIFFClose(tiff_);
  }
  TiffFile(const TiffFile&) = delete;
  TiffFile& operator=(const TiffFile&) = delete;

  TIFF* get() const { return tiff_; }

  /// A field, or the default that the format states for it, or else 0.
  template <class Value>
  Value field(std::uint32_t tag) const {
    Value value{};
    TIFFGetFieldDefaulted(tiff_, tag, &value);
    return value;
  }
  template <class Value>
  std::optional<Value> stated(std::uint32_t tag) const {
    Value value{};
    return TIFFGetField(tiff_, tag, &value) ? std::optional(value) : std::nullopt;
  }

  [[noreturn]] void fail() const {
    if (is_cut_) throw cut_short(where_);
    throw damaged_image("TIFF", where_, message_);
  }
  [[noreturn]] void refuse(const std::string& expected, const std::string& got) const {
    throw unsupported_image("TIFF", where_, expected, got);
  }

 private:
  static tmsize_t read(thandle_t user, void* to, tmsize_t count) {
    auto* file = static_cast<TiffFile*>(user);
    const std::uint64_t start = std::min<std::uint64_t>(file->position_, file->bytes_.size());
    const std::uint64_t left = file->bytes_.size() - start, wanted = static_cast<std::uint64_t>(count);
    const std::uint64_t taken = std::min(left, wanted);
    file->is_cut_ |= taken < wanted;
    std::memcpy(to, file->bytes_.data() + start, taken);
    file->position_ = start + taken;
    return static_cast<tmsize_t>(taken);
  }
  static tmsize_t write(thandle_t, void*, tmsize_t) { return 0; }
  static toff_t seek(thandle_t user, toff_t offset, int from) {
    auto* file = static_cast<TiffFile*>(user);
    if (from == SEEK_CUR) offset += file->position_;
    if (from == SEEK_END) offset += file->bytes_.size();
    file->is_cut_ |= offset > file->bytes_.size();
    return file->position_ = offset;
  }
  static int close(thandle_t) { return 0; }
  static toff_t size(thandle_t user) { return static_cast<TiffFile*>(user)->bytes_.size(); }

  static int keep_message(TIFF*, void* user, const char*, const char* format, va_list values) {
    auto& message = static_cast<TiffFile*>(user)->message_;
    char text[256];
    std::vsnprintf(text, sizeof(text), format, values);
    if (message.empty()) message = text;
    return 1;
  }
  static int stay_silent(TIFF*, void*, const char*, const char*, va_list) { return 1; }

  std::span<const std::byte> bytes_;
  const std::string& where_;
  std::uint64_t position_ = 0;
  bool is_cut_ = false;
  std::string message_;
  TIFF* tiff_ = nullptr;
};

/// Goes to the first directory that holds no reduced version of another image.
void find_image(const TiffFile& tiff) {
  constexpr int kMostSkipped = 16;
  if (tiff.stated<const std::uint8_t*>(TIFFTAG_DNGVERSION)) tiff.refuse("", "a camera raw file (DNG)");
  if (!(tiff.field<std::uint32_t>(TIFFTAG_SUBFILETYPE) & FILETYPE_REDUCEDIMAGE)) return;
  std::uint16_t count = 0;
  toff_t* offsets = nullptr;
  const bool has_others = TIFFGetField(tiff.get(), TIFFTAG_SUBIFD, &count, &offsets) && count > 0;
  for (int i = 0; i < kMostSkipped && TIFFReadDirectory(tiff.get()); ++i)
    if (!(tiff.field<std::uint32_t>(TIFFTAG_SUBFILETYPE) & FILETYPE_REDUCEDIMAGE)) return;
  if (has_others) tiff.refuse("", "a preview alone, as in camera raw files");
  if (!TIFFSetDirectory(tiff.get(), 0)) tiff.fail();
}

std::uint16_t photometric_of(const TiffFile& tiff) {
  if (const auto stated = tiff.stated<std::uint16_t>(TIFFTAG_PHOTOMETRIC)) return *stated;
  const auto compression = tiff.field<std::uint16_t>(TIFFTAG_COMPRESSION);
  if (compression >= COMPRESSION_CCITTRLE && compression <= COMPRESSION_CCITTFAX4)
    return PHOTOMETRIC_MINISWHITE;
  return tiff.field<std::uint16_t>(TIFFTAG_SAMPLESPERPIXEL) >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
}

void set_palette(const TiffFile& tiff, TiffSamples& samples) {
  std::uint16_t* maps[3] = {};
  if (samples.bits > 8) tiff.refuse("a palette of at most 8 bits", std::to_string(samples.bits) + " bits");
  if (!TIFFGetField(tiff.get(), TIFFTAG_COLORMAP, &maps[0], &maps[1], &maps[2]))
    tiff.refuse("a palette", "none");
  const std::size_t count = std::size_t{1} << samples.bits;
  // Some writers store 8-bit numbers instead of 16-bit ones.
  const bool is_wide = std::any_of(std::begin(maps), std::end(maps), [&](const std::uint16_t* map) {
    return std::any_of(map, map + count, [](std::uint16_t value) { return value > 255; });
  });
  for (std::size_t c = 0; c < 3; ++c) {
    samples.palette[c].resize(256);
    for (std::size_t i = 0; i < count; ++i)
      samples.palette[c][i] = static_cast<std::uint8_t>(is_wide ? maps[c][i] >> 8 : maps[c][i]);
  }
}

void set_meaning(const TiffFile& tiff, TiffSamples& samples) {
  const auto photometric = photometric_of(tiff);
  switch (photometric) {
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MINISBLACK:
      samples.white_is_zero = photometric == PHOTOMETRIC_MINISWHITE;
      return;
    case PHOTOMETRIC_RGB:
    case PHOTOMETRIC_YCBCR:  // only as JPEG, which libjpeg turns into RGB
      samples.meaning = SampleMeaning::rgb;
      return;
    case PHOTOMETRIC_PALETTE:
      samples.meaning = SampleMeaning::palette;
      return set_palette(tiff, samples);
    case PHOTOMETRIC_SEPARATED:
      samples.meaning = SampleMeaning::cmyk;
      if (tiff.field<std::uint16_t>(TIFFTAG_INKSET) != INKSET_CMYK) tiff.refuse("CMYK", "other inks");
      return;
    case PHOTOMETRIC_CFA:
    case 34892:  // linear raw
      tiff.refuse("", "a camera's raw samples");
    case PHOTOMETRIC_MASK:
      tiff.refuse("", "a transparency mask");
    default:
      tiff.refuse("grey, RGB, palette, CMYK, YCbCr or L*a*b*",
                  "photometric interpretation " + std::to_string(photometric));
  }
}

void set_format(const TiffFile& tiff, TiffSamples& samples) {
  constexpr const char* kKnown = "integers of 1 to 16 or 32 bits, or floating point";
  samples.bits = tiff.field<std::uint16_t>(TIFFTAG_BITSPERSAMPLE);
  const std::string bits = std::to_string(samples.bits);
  switch (tiff.field<std::uint16_t>(TIFFTAG_SAMPLEFORMAT)) {
    case SAMPLEFORMAT_UINT:
    case SAMPLEFORMAT_VOID:
      if (!(samples.bits >= 1 && samples.bits <= 16) && samples.bits != 32)
        tiff.refuse(kKnown, "integers of " + bits + " bits");
      return;
    case SAMPLEFORMAT_IEEEFP:
      samples.format = SampleFormat::floating;
      if (samples.bits != 16 && samples.bits != 32 && samples.bits != 64)
        tiff.refuse(kKnown, "floating point of " + bits + " bits");
      return;
    case SAMPLEFORMAT_INT:
      tiff.refuse(kKnown, "signed integers of " + bits + " bits");
    default:
      tiff.refuse(kKnown, "complex numbers");
  }
}

/// Which sample is alpha: only those that the tag ExtraSamples calls so.
void set_alpha(const TiffFile& tiff, TiffSamples& samples) {
  const int count = tiff.field<std::uint16_t>(TIFFTAG_SAMPLESPERPIXEL);
  if (count < samples.colours())
    tiff.refuse(std::to_string(samples.colours()) + " samples a pixel", std::to_string(count));
  std::uint16_t extra = 0;
  std::uint16_t* kinds = nullptr;
  if (!TIFFGetField(tiff.get(), TIFFTAG_EXTRASAMPLES, &extra, &kinds)) return;
  const int first = std::max(count - extra, samples.colours());
  for (int i = 0; i < extra && first + i < count; ++i)
    if (kinds[i] == EXTRASAMPLE_ASSOCALPHA || kinds[i] == EXTRASAMPLE_UNASSALPHA) {
      samples.alpha = first + i;
      samples.multiplied = kinds[i] == EXTRASAMPLE_ASSOCALPHA;
      return;
    }
}

/// Reads bands of rows: a row of tiles, a strip of each plane, or one row.
class BandReader {
 public:
  BandReader(const TiffFile& tiff, const TiffSamples& samples, const std::string& where)
      : tiff_(tiff), samples_(samples), width_(tiff.field<std::uint32_t>(TIFFTAG_IMAGEWIDTH)), where_(where) {
    const auto height = tiff.field<std::uint32_t>(TIFFTAG_IMAGELENGTH);
    const auto count = tiff.field<std::uint16_t>(TIFFTAG_SAMPLESPERPIXEL);
    in_planes_ = count > 1 && tiff.field<std::uint16_t>(TIFFTAG_PLANARCONFIG) == PLANARCONFIG_SEPARATE;
    step_ = in_planes_ ? 1 : count;
    if (TIFFIsTiled(tiff.get())) {
      tile_width_ = tiff.field<std::uint32_t>(TIFFTAG_TILEWIDTH);
      rows_ = tiff.field<std::uint32_t>(TIFFTAG_TILELENGTH);
      check_tile(height);
    } else if (in_planes_) {
      rows_ = tiff.field<std::uint32_t>(TIFFTAG_ROWSPERSTRIP);
    }
    rows_ = std::clamp<std::uint32_t>(rows_, 1, height);
    const std::uint64_t unit = is_tiled() ? TIFFTileSize64(tiff.get()) : TIFFScanlineSize64(tiff.get());
    if (unit == 0) tiff.fail();
    const std::uint64_t band = std::uint64_t{rows_} * width_ * kept();
    check_decode_memory(unit + band, where);
    unit_.resize(unit);
    band_.resize(band);
  }

  std::uint32_t rows() const { return rows_; }

  /// Kept samples of up to rows() rows from `y` on.
  const std::uint8_t* read(std::uint32_t y, std::uint32_t rows) {
    const int units = in_planes_ ? samples_.kept() : 1;
    for (int i = 0; i < units; ++i) {
      const int plane = in_planes_ ? sample(i) : 0;
      if (is_tiled())
        read_tiles(y, rows, plane, i);
      else
        read_lines(y, rows, plane, i);
    }
    return band_.data();
  }

 private:
  bool is_tiled() const { return tile_width_ > 0; }

  /// Tiles of small images are larger than these, but not by much.
  void check_tile(std::uint32_t height) const {
    constexpr std::uint64_t kMuch = 1 << 24;
    if (std::uint64_t{tile_width_} * rows_ > 4 * std::uint64_t{width_} * height + kMuch)
      throw damaged_image("TIFF", where_, "tiles are much larger than the image");
  }

  std::size_t kept() const { return static_cast<std::size_t>(samples_.kept()); }
  /// The file's number of a kept sample.
  int sample(int kept) const { return kept < samples_.colours() ? kept : samples_.alpha; }

  /// `count` pixels of raw bytes go where the band's row begins: one kept sample of them where there are
  /// planes, else all.
  void unpack(const std::uint8_t* raw, std::size_t count, std::uint8_t* to, int plane) const {
    const int first = in_planes_ ? plane : 0, last = in_planes_ ? plane : samples_.kept() - 1;
    for (int i = first; i <= last; ++i)
      unpack_samples(samples_, raw, in_planes_ ? 0 : static_cast<std::size_t>(sample(i)), step_, count,
                     to + i, kept(), where_);
  }

  void read_lines(std::uint32_t y, std::uint32_t rows, int plane, int kept_plane) {
    for (std::uint32_t row = 0; row < rows; ++row) {
      if (TIFFReadScanline(tiff_.get(), unit_.data(), y + row, static_cast<std::uint16_t>(plane)) < 0)
        tiff_.fail();
      unpack(unit_.data(), width_, band_.data() + std::size_t{row} * width_ * kept(), kept_plane);
    }
  }

  void read_tiles(std::uint32_t y, std::uint32_t rows, int plane, int kept_plane) {
    const auto row_size = static_cast<std::size_t>(TIFFTileRowSize64(tiff_.get()));
    for (std::uint32_t x = 0; x < width_; x += std::min(tile_width_, width_ - x)) {
      const auto tile = TIFFComputeTile(tiff_.get(), x, y, 0, static_cast<std::uint16_t>(plane));
      const auto size = static_cast<tmsize_t>(unit_.size());
      if (TIFFReadEncodedTile(tiff_.get(), tile, unit_.data(), size) < 0) tiff_.fail();
      for (std::uint32_t row = 0; row < rows; ++row)
        unpack(unit_.data() + row * row_size, std::min(tile_width_, width_ - x),
               band_.data() + (std::size_t{row} * width_ + x) * kept(), kept_plane);
    }
  }

  const TiffFile& tiff_;
  const TiffSamples& samples_;
  std::uint32_t width_;
  const std::string& where_;
  bool in_planes_ = false;
  std::size_t step_ = 1;
  std::uint32_t tile_width_ = 0, rows_ = 1;
  std::vector<std::uint8_t> unit_, band_;
};

Image new_image(const TiffFile& tiff) {
  return Image(static_cast<int>(tiff.field<std::uint32_t>(TIFFTAG_IMAGEWIDTH)),
               static_cast<int>(tiff.field<std::uint32_t>(TIFFTAG_IMAGELENGTH)));
}

Image read_samples(const TiffFile& tiff, const std::string& where) {
  TiffSamples samples;
  set_format(tiff, samples);
  set_meaning(tiff, samples);
  set_alpha(tiff, samples);
  BandReader bands(tiff, samples, where);
  Image image = new_image(tiff);
  const auto width = static_cast<std::size_t>(image.width), height = static_cast<std::size_t>(image.height);
  for (std::size_t y = 0; y < height; y += bands.rows()) {
    const std::size_t rows = std::min<std::size_t>(bands.rows(), height - y);
    const std::uint8_t* band = bands.read(static_cast<std::uint32_t>(y), static_cast<std::uint32_t>(rows));
    samples_to_rgb(samples, band, image.row(static_cast<int>(y)), rows * width);
  }
  return image;
}

/// Whether libtiff's own way to RGB is needed: for subsampled YCbCr, L*a*b*, LogLuv and what it cannot give
/// by rows.
bool wants_libtiffs_rgb(const TiffFile& tiff) {
  const auto compression = tiff.field<std::uint16_t>(TIFFTAG_COMPRESSION);
  switch (photometric_of(tiff)) {
    case PHOTOMETRIC_CIELAB:
    case PHOTOMETRIC_ICCLAB:
    case PHOTOMETRIC_ITULAB:
    case PHOTOMETRIC_LOGL:
    case PHOTOMETRIC_LOGLUV:
      return true;
    case PHOTOMETRIC_YCBCR:
      return compression != COMPRESSION_JPEG ||
             tiff.field<std::uint16_t>(TIFFTAG_PLANARCONFIG) == PLANARCONFIG_SEPARATE;
    default:
      return compression == COMPRESSION_OJPEG || compression == COMPRESSION_JBIG;
  }
}

Image read_by_libtiff(const TiffFile& tiff, const std::string& where) {
  // L*a*b* goes to sRGB by way of this white, whatever white it was measured against.
  float daylight[] = {.3127f, .3290f};
  TIFFSetField(tiff.get(), TIFFTAG_WHITEPOINT, daylight);
  char message[1024] = "";
  TIFFRGBAImage reader;
  if (!TIFFRGBAImageOK(tiff.get(), message) || !TIFFRGBAImageBegin(&reader, tiff.get(), 1, message))
    tiff.refuse("", std::string("what libtiff does not turn into RGB (") + message + ")");
  const std::unique_ptr<TIFFRGBAImage, decltype(&TIFFRGBAImageEnd)> end(&reader, &TIFFRGBAImageEnd);
  reader.req_orientation = reader.orientation;
  const auto width = tiff.field<std::uint32_t>(TIFFTAG_IMAGEWIDTH);
  const auto height = tiff.field<std::uint32_t>(TIFFTAG_IMAGELENGTH);
  const std::uint32_t stated = TIFFIsTiled(tiff.get()) ? tiff.field<std::uint32_t>(TIFFTAG_TILELENGTH)
                                                       : tiff.field<std::uint32_t>(TIFFTAG_ROWSPERSTRIP);
  const std::uint32_t rows = std::clamp<std::uint32_t>(stated, 1, height);
  check_decode_memory(std::uint64_t{4} * width * rows, where);
  std::vector<std::uint32_t> raster(std::size_t{width} * rows);
  Image image = new_image(tiff);
  for (std::uint32_t y = 0; y < height; y += rows) {
    const std::uint32_t count = std::min(rows, height - y);
    reader.row_offset = static_cast<int>(y);
    if (!TIFFRGBAImageGet(&reader, raster.data(), width, count)) tiff.fail();
    std::uint8_t* to = image.row(static_cast<int>(y));
    for (std::size_t i = 0; i < std::size_t{width} * count; ++i, to += 3) {
      const std::uint32_t from = raster[i], rest = 255 - TIFFGetA(from);  // multiplied by alpha already
      to[0] = static_cast<std::uint8_t>(std::min(TIFFGetR(from) + rest, 255u));
      to[1] = static_cast<std::uint8_t>(std::min(TIFFGetG(from) + rest, 255u));
      to[2] = static_cast<std::uint8_t>(std::min(TIFFGetB(from) + rest, 255u));
    }
  }
  return image;
}

}  // namespace

Image decode_tiff(std::span<const std::byte> bytes, const std::string& where) {
  const TiffFile tiff(bytes, where);
  find_image(tiff);
  check_image_size(tiff.field<std::uint32_t>(TIFFTAG_IMAGEWIDTH),
                   tiff.field<std::uint32_t>(TIFFTAG_IMAGELENGTH), where);
  const auto compression = tiff.field<std::uint16_t>(TIFFTAG_COMPRESSION);
  if (!TIFFIsCODECConfigured(compression))
    tiff.refuse("a compression that libtiff reads", "compression " + std::to_string(compression));
  const int orientation = tiff.field<std::uint16_t>(TIFFTAG_ORIENTATION);
  if (wants_libtiffs_rgb(tiff)) return upright(read_by_libtiff(tiff, where), orientation);
  if (compression == COMPRESSION_JPEG && photometric_of(tiff) == PHOTOMETRIC_YCBCR)
    TIFFSetField(tiff.get(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  return upright(read_samples(tiff, where), orientation);
}

}  // namespace regard

#include <csetjmp>
#include <cstdio>
// libjpeg's header wants FILE first.
#include <jerror.h>
#include <jpeglib.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "regard/core/error.h"
#include "regard/image/codec.h"
#include "regard/image/encode.h"

namespace regard {
namespace {

// Real files have 10 to 20 scans; each costs a pass over all blocks, however short it is in the file.
constexpr int kMostScans = 64;

struct Handler {
  jpeg_error_mgr base;
  std::jmp_buf escape;
  char message[JMSG_LENGTH_MAX];
};

[[noreturn]] void give_up(j_common_ptr info) {
  auto* handler = reinterpret_cast<Handler*>(info->err);
  info->err->format_message(info, handler->message);
  std::longjmp(handler->escape, 1);
}

/// Files that lack only the end mark, or have stray bytes between segments, are common and harmless. Missing
/// or wrong image data is not: libjpeg would turn it into grey areas.
void judge_warning(j_common_ptr info, int level) {
  if (level >= 0) return;
  switch (info->err->msg_code) {
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_MUST_RESYNC:
    case JWRN_BOGUS_PROGRESSION:
      give_up(info);
    default:
      break;
  }
}

void count_scans(j_common_ptr info) {
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number <= kMostScans) return;
  auto* handler = reinterpret_cast<Handler*>(info->err);
  std::snprintf(handler->message, sizeof(handler->message), "more than %d scans", kMostScans);
  std::longjmp(handler->escape, 1);
}

void prepare(Handler& handler) {
  jpeg_std_error(&handler.base);
  handler.base.error_exit = give_up;
  handler.base.emit_message = judge_warning;
  handler.base.output_message = [](j_common_ptr) {};
}

/// Whether libjpeg recognises the file but does not support its kind.
bool is_unsupported(int code) {
  switch (code) {
    case JERR_ARITH_NOTIMPL:
    case JERR_BAD_PRECISION:
    case JERR_CCIR601_NOTIMPL:
    case JERR_COMPONENT_COUNT:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_SOF_UNSUPPORTED:
      return true;
    default:
      return false;
  }
}

/// R = C K / 255 with Adobe's inverted inks (255: none); other writers do not invert them.
void cmyk_to_rgb(const JSAMPLE* cmyk, std::uint8_t* rgb, int width, bool inverted) {
  for (int x = 0; x < width; ++x, cmyk += 4, rgb += 3) {
    const int flip = inverted ? 0 : 255;
    const int key = cmyk[3] ^ flip;
    for (int c = 0; c < 3; ++c) rgb[c] = static_cast<std::uint8_t>(((cmyk[c] ^ flip) * key + 127) / 255);
  }
}

/// A decompressor that is always cleaned up. No C++ object with a destructor lives between setjmp and
/// longjmp: everything that libjpeg's calls need is a member.
class Decompressor {
 public:
  explicit Decompressor(const std::string& where) : where_(where) {
    prepare(handler_);
    info_.err = &handler_.base;
    if (setjmp(handler_.escape)) fail();
    jpeg_create_decompress(&info_);
    progress_.progress_monitor = count_scans;
    info_.progress = &progress_;
  }
  ~Decompressor() { jpeg_destroy_decompress(&info_); }
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;

  void read_header(std::span<const std::byte> bytes) {
    if (setjmp(handler_.escape)) fail();
    jpeg_mem_src(&info_, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    jpeg_save_markers(&info_, JPEG_APP0 + 1, 0xffff);
    jpeg_read_header(&info_, TRUE);
    info_.out_color_space = info_.num_components == 4 ? JCS_CMYK : JCS_RGB;
  }

  int orientation() const {
    for (auto* marker = info_.marker_list; marker; marker = marker->next) {
      const auto data = std::as_bytes(std::span(marker->data, marker->data_length));
      if (data.size() > 6 && std::memcmp(data.data(), "Exif\0\0", 6) == 0) return exif_orientation(data);
    }
    return 1;
  }

  /// Bytes of the coefficients that libjpeg keeps: all of them where they come in several scans.
  std::uint64_t coefficients() {
    std::uint64_t blocks = 0;
    if (jpeg_has_multiple_scans(&info_))
      for (int i = 0; i < info_.num_components; ++i)
        blocks += std::uint64_t{info_.comp_info[i].width_in_blocks} * info_.comp_info[i].height_in_blocks;
    return blocks * sizeof(JBLOCK);
  }

  void read_rows(Image& image) {
    row_.resize(std::size_t{4} * info_.image_width);
    if (setjmp(handler_.escape)) fail();
    jpeg_start_decompress(&info_);
    while (info_.output_scanline < info_.output_height) {
      std::uint8_t* target = image.row(static_cast<int>(info_.output_scanline));
      JSAMPROW row = info_.out_color_space == JCS_CMYK ? row_.data() : target;
      jpeg_read_scanlines(&info_, &row, 1);
      if (row != target) cmyk_to_rgb(row, target, image.width, info_.saw_Adobe_marker);
    }
    jpeg_finish_decompress(&info_);
  }

  const jpeg_decompress_struct& info() const { return info_; }

 private:
  [[noreturn]] void fail() const {
    if (is_unsupported(handler_.base.msg_code))
      throw unsupported_image("JPEG", where_, "8 bits a sample, baseline or progressive", handler_.message);
    throw damaged_image("JPEG", where_, handler_.message);
  }

  jpeg_decompress_struct info_{};
  jpeg_progress_mgr progress_{};
  Handler handler_{};
  const std::string& where_;
  std::vector<JSAMPLE> row_;
};

/// Cleaned up like a Decompressor, for the same reasons.
class Compressor {
 public:
  explicit Compressor(const std::string& where) : where_(where) {
    prepare(handler_);
    info_.err = &handler_.base;
    if (setjmp(handler_.escape)) fail();
    jpeg_create_compress(&info_);
  }
  ~Compressor() {
    jpeg_destroy_compress(&info_);
    std::free(bytes_);
  }
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  void write(const ImageView& image, int quality) {
    if (setjmp(handler_.escape)) fail();
    jpeg_mem_dest(&info_, &bytes_, &size_);
    info_.image_width = static_cast<JDIMENSION>(image.width);
    info_.image_height = static_cast<JDIMENSION>(image.height);
    info_.input_components = image.channels;
    info_.in_color_space = image.channels == 3 ? JCS_RGB : JCS_GRAYSCALE;
    jpeg_set_defaults(&info_);
    jpeg_set_quality(&info_, quality, TRUE);
    jpeg_start_compress(&info_, TRUE);
    while (info_.next_scanline < info_.image_height) {
      auto* row = const_cast<JSAMPROW>(image.row(static_cast<int>(info_.next_scanline)));
      jpeg_write_scanlines(&info_, &row, 1);
    }
    jpeg_finish_compress(&info_);
  }

  std::span<const std::uint8_t> bytes() const { return {bytes_, size_}; }

 private:
  [[noreturn]] void fail() const {
    throw Error(std::string("image cannot be written as JPEG: ") + handler_.message, where_);
  }

  jpeg_compress_struct info_{};
  Handler handler_{};
  const std::string& where_;
  unsigned char* bytes_ = nullptr;
  unsigned long size_ = 0;  // NOLINT: libjpeg's type
};

}  // namespace

Image decode_jpeg(std::span<const std::byte> bytes, const std::string& where) {
  Decompressor jpeg(where);
  jpeg.read_header(bytes);
  check_image_size(jpeg.info().image_width, jpeg.info().image_height, where);
  check_decode_memory(jpeg.coefficients(), where);
  Image image(static_cast<int>(jpeg.info().image_width), static_cast<int>(jpeg.info().image_height));
  const int orientation = jpeg.orientation();  // released once the rows are read
  jpeg.read_rows(image);
  return upright(std::move(image), orientation);
}

std::vector<std::uint8_t> encode_jpeg(const ImageView& image, int quality, const std::string& where) {
  check_view(image, where);
  Compressor jpeg(where);
  jpeg.write(image, quality);
  return {jpeg.bytes().begin(), jpeg.bytes().end()};
}

}  // namespace regard

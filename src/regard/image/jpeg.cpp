#include <csetjmp>
#include <cstdio>
// libjpeg's header wants FILE first.
#include <jerror.h>
#include <jpeglib.h>

#include <cstring>
#include <string>
#include <vector>

#include "regard/core/error.h"
#include "regard/image/codec.h"

// libjpeg is called directly, since OpenCV hides the codes of its warnings and lets it print.
namespace regard {
namespace {

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
    info_.err = jpeg_std_error(&handler_.base);
    handler_.base.error_exit = give_up;
    handler_.base.emit_message = judge_warning;
    handler_.base.output_message = [](j_common_ptr) {};
    if (setjmp(handler_.escape)) fail();
    jpeg_create_decompress(&info_);
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
    constexpr std::size_t kName = 6;  // "Exif", two zeros
    for (auto* marker = info_.marker_list; marker; marker = marker->next) {
      const auto data = std::as_bytes(std::span(marker->data, marker->data_length));
      if (data.size() > kName && std::memcmp(data.data(), "Exif\0\0", kName) == 0)
        return exif_orientation(data.subspan(kName));
    }
    return 1;
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
  [[noreturn]] void fail() const { throw Error(std::string("JPEG is damaged: ") + handler_.message, where_); }

  jpeg_decompress_struct info_{};
  Handler handler_{};
  const std::string& where_;
  std::vector<JSAMPLE> row_;
};

}  // namespace

Image decode_jpeg(std::span<const std::byte> bytes, const std::string& where) {
  Decompressor jpeg(where);
  jpeg.read_header(bytes);
  check_image_size(jpeg.info().image_width, jpeg.info().image_height, where);
  Image image(static_cast<int>(jpeg.info().image_width), static_cast<int>(jpeg.info().image_height));
  const int orientation = jpeg.orientation();  // released once the rows are read
  jpeg.read_rows(image);
  return upright(std::move(image), orientation);
}

}  // namespace regard

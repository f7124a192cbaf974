#include <webp/decode.h>
#include <webp/demux.h>

#include <algorithm>
#include <bit>
#include <memory>
#include <string>
#include <vector>

#include "regard/core/error.h"
#include "regard/image/bytes.h"
#include "regard/image/codec.h"

namespace regard {
namespace {

struct DemuxerDeleter {
  void operator()(WebPDemuxer* demuxer) const { WebPDemuxDelete(demuxer); }
};

/// A file's parts. The first frame is the whole of an image that does not move.
class WebpFile {
 public:
  WebpFile(std::span<const std::byte> bytes, const std::string& where) : where_(where) {
    check_canvas(bytes);
    const WebPData data{reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
    WebPDemuxState state = WEBP_DEMUX_PARSE_ERROR;
    demuxer_.reset(WebPDemuxPartial(&data, &state));
    if (!demuxer_ && state != WEBP_DEMUX_PARSE_ERROR) throw cut_short(where);
    if (!demuxer_) throw damaged_image("WebP", where, "");
    if (state == WEBP_DEMUX_PARSING_HEADER) throw cut_short(where);
    check_image_size(width(), height(), where);
    if (!WebPDemuxGetFrame(demuxer_.get(), 1, &frame_) || !frame_.complete) throw cut_short(where);
    if (state != WEBP_DEMUX_DONE) throw cut_short(where);
  }
  ~WebpFile() { WebPDemuxReleaseIterator(&frame_); }
  WebpFile(const WebpFile&) = delete;
  WebpFile& operator=(const WebpFile&) = delete;

  int width() const { return static_cast<int>(WebPDemuxGetI(demuxer_.get(), WEBP_FF_CANVAS_WIDTH)); }
  int height() const { return static_cast<int>(WebPDemuxGetI(demuxer_.get(), WEBP_FF_CANVAS_HEIGHT)); }
  const WebPIterator& frame() const { return frame_; }

  int orientation() const {
    WebPChunkIterator chunk{};
    int orientation = 1;
    if (WebPDemuxGetChunk(demuxer_.get(), "EXIF", 1, &chunk))
      orientation = exif_orientation(std::as_bytes(std::span(chunk.chunk.bytes, chunk.chunk.size)));
    WebPDemuxReleaseChunkIterator(&chunk);
    return orientation;
  }

  /// Checked before libwebp, which reports a huge image as damaged.
  void check_canvas(std::span<const std::byte> bytes) const {
    const ByteReader file(bytes, where_, std::endian::little);
    if (file.has(12, "VP8X"))
      check_image_size(std::int64_t{1} + static_cast<std::int64_t>(file.number(24, 3)),
                       std::int64_t{1} + static_cast<std::int64_t>(file.number(27, 3)), where_);
  }

  /// The frame's pixels, in rows of `stride` bytes.
  void decode(WEBP_CSP_MODE mode, std::uint8_t* pixels, std::size_t stride) const {
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config)) throw Error("libwebp is of another version", where_);
    config.output.colorspace = mode;
    config.output.is_external_memory = 1;
    config.output.u.RGBA = {pixels, static_cast<int>(stride),
                            stride * static_cast<std::size_t>(frame_.height)};
    switch (WebPDecode(frame_.fragment.bytes, frame_.fragment.size, &config)) {
      case VP8_STATUS_OK:
        return;
      case VP8_STATUS_NOT_ENOUGH_DATA:
      case VP8_STATUS_SUSPENDED:
        throw cut_short(where_);
      case VP8_STATUS_UNSUPPORTED_FEATURE:
        throw unsupported_image("WebP", where_, "", "a feature that libwebp does not read");
      case VP8_STATUS_OUT_OF_MEMORY:
        throw Error("WebP cannot be read: no memory", where_);
      default:
        throw damaged_image("WebP", where_, "");
    }
  }

 private:
  std::unique_ptr<WebPDemuxer, DemuxerDeleter> demuxer_;
  WebPIterator frame_{};
  const std::string& where_;
};

/// A frame that is smaller than the canvas, or has alpha, over white.
void lay_frame(const WebpFile& webp, Image& image) {
  const auto& frame = webp.frame();
  const std::size_t width = static_cast<std::size_t>(frame.width);
  std::fill(image.pixels.begin(), image.pixels.end(), std::uint8_t{255});
  std::vector<std::uint8_t> rgba(4 * width * static_cast<std::size_t>(frame.height));
  webp.decode(MODE_RGBA, rgba.data(), 4 * width);
  for (int y = 0; y < frame.height; ++y)
    lay_over_white(rgba.data() + 4 * width * static_cast<std::size_t>(y),
                   image.row(frame.y_offset + y) + 3 * frame.x_offset, width);
}

}  // namespace

Image decode_webp(std::span<const std::byte> bytes, const std::string& where) {
  const WebpFile webp(bytes, where);
  const auto& frame = webp.frame();
  const std::uint64_t area =
      static_cast<std::uint64_t>(frame.width) * static_cast<std::uint64_t>(frame.height);
  check_decode_memory(8 * area, where);  // half of it inside libwebp
  Image image(webp.width(), webp.height());
  if (frame.width > image.width - frame.x_offset || frame.height > image.height - frame.y_offset)
    throw damaged_image("WebP", where, "a frame reaches beyond the canvas");
  if (!frame.has_alpha && frame.width == image.width && frame.height == image.height)
    webp.decode(MODE_RGB, image.pixels.data(), 3 * static_cast<std::size_t>(image.width));
  else
    lay_frame(webp, image);
  return upright(std::move(image), webp.orientation());
}

}  // namespace regard

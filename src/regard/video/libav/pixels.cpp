#include "regard/video/libav/pixels.h"

#include <cmath>
#include <cstring>

#include "regard/core/error.h"
#include "regard/image/codec.h"

namespace regard {
namespace {

/// FFmpeg's old names of formats with samples over the full range, and the formats that they stand for.
bool is_full_range(const AVFrame& frame) {
  const auto format = static_cast<AVPixelFormat>(frame.format);
  return frame.color_range == AVCOL_RANGE_JPEG || format == AV_PIX_FMT_YUVJ420P ||
         format == AV_PIX_FMT_YUVJ422P || format == AV_PIX_FMT_YUVJ444P || format == AV_PIX_FMT_YUVJ440P;
}

int matrix_of(const AVFrame& frame) {
  constexpr int kHighDefinition = 720;
  if (frame.colorspace == AVCOL_SPC_UNSPECIFIED || frame.colorspace == AVCOL_SPC_RGB)
    return frame.height >= kHighDefinition ? SWS_CS_ITU709 : SWS_CS_ITU601;
  return frame.colorspace;
}

AvFrame rgb_frame(int width, int height) {
  AvFrame frame = make_frame();
  frame->width = width, frame->height = height;
  frame->format = AV_PIX_FMT_RGB24;
  // With room at the end of rows: swscale writes whole blocks of pixels.
  if (av_frame_get_buffer(frame.get(), 64) < 0) throw Error("out of memory", "video");
  return frame;
}

Image copied(const AVFrame& frame) {
  Image image(frame.width, frame.height);
  for (int y = 0; y < image.height; ++y)
    std::memcpy(image.row(y), frame.data[0] + std::ptrdiff_t{frame.linesize[0]} * y,
                static_cast<std::size_t>(image.width) * 3);
  return image;
}

}  // namespace

int orientation_of(const std::int32_t* matrix) {
  if (!matrix) return 1;
  // A pixel at x, y is shown at a x + c y, b x + d y.
  const double a = matrix[0], b = matrix[1], c = matrix[3], d = matrix[4];
  if (std::abs(a) + std::abs(d) >= std::abs(b) + std::abs(c))
    return a >= 0 ? (d >= 0 ? 1 : 4) : d < 0 ? 3 : 2;
  return c >= 0 ? (b >= 0 ? 5 : 8) : b >= 0 ? 6 : 7;
}

void PixelConverter::prepare(const AVFrame& frame) {
  const auto format = static_cast<AVPixelFormat>(frame.format);
  if (!rgb_) rgb_ = rgb_frame(width_, height_);
  scaler_.reset(sws_getCachedContext(scaler_.release(), frame.width, frame.height, format, width_, height_,
                                     AV_PIX_FMT_RGB24, SWS_BICUBIC, nullptr, nullptr, nullptr));
  if (!scaler_) throw Error("pixels cannot be converted", "video", "RGB or YUV", av_get_pix_fmt_name(format));
  constexpr int kSame = 1 << 16;  // brightness, contrast and saturation in 16.16
  sws_setColorspaceDetails(scaler_.get(), sws_getCoefficients(matrix_of(frame)), is_full_range(frame),
                           sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, kSame, kSame);
}

Image PixelConverter::convert(const AVFrame& frame) {
  prepare(frame);
  sws_scale(scaler_.get(), frame.data, frame.linesize, 0, frame.height, rgb_->data, rgb_->linesize);
  return upright(copied(*rgb_), orientation_);
}

}  // namespace regard

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
  return number_in(frame.color_range) == AVCOL_RANGE_JPEG || format == AV_PIX_FMT_YUVJ420P ||
         format == AV_PIX_FMT_YUVJ422P || format == AV_PIX_FMT_YUVJ444P || format == AV_PIX_FMT_YUVJ440P;
}

int matrix_of(const AVFrame& frame) {
  const int stated = number_in(frame.colorspace);
  if (stated == AVCOL_SPC_UNSPECIFIED || stated == AVCOL_SPC_RGB)
    return is_high_definition(frame.height) ? SWS_CS_ITU709 : SWS_CS_ITU601;
  return stated;
}

Image copied(const AVFrame& frame) {
  Image image(frame.width, frame.height);
  for (int y = 0; y < image.height; ++y)
    std::memcpy(image.row(y), frame.data[0] + std::ptrdiff_t{frame.linesize[0]} * y,
                static_cast<std::size_t>(image.width) * 3);
  return image;
}

}  // namespace

bool is_high_definition(int height) {
  return height >= 720;
}

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
  if (!rgb_) rgb_ = make_picture(width_, height_, AV_PIX_FMT_RGB24);
  scaler_.reset(sws_getCachedContext(scaler_.release(), frame.width, frame.height, format, width_, height_,
                                     AV_PIX_FMT_RGB24, SWS_BICUBIC, nullptr, nullptr, nullptr));
  if (!scaler_) throw Error("pixels cannot be converted", "video", "RGB or YUV", av_get_pix_fmt_name(format));
  sws_setColorspaceDetails(scaler_.get(), sws_getCoefficients(matrix_of(frame)), is_full_range(frame),
                           sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, kSameColours, kSameColours);
}

Image PixelConverter::convert(const AVFrame& frame) {
  prepare(frame);
  sws_scale(scaler_.get(), frame.data, frame.linesize, 0, frame.height, rgb_->data, rgb_->linesize);
  return upright(copied(*rgb_), orientation_);
}

}  // namespace regard

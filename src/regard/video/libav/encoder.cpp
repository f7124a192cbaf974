#include "regard/video/libav/encoder.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "regard/core/error.h"
#include "regard/core/text.h"
#include "regard/video/libav/pixels.h"

namespace regard {
namespace {

constexpr int kTicks = 90'000;  // a second: multiples of all usual rates

}  // namespace

FrameEncoder::FrameEncoder(int width, int height, double rate, const std::string& where) : where_(where) {
  const auto* encoder = avcodec_find_encoder_by_name("libx264");
  if (!encoder) throw Error("video cannot be written", where, "FFmpeg's libraries with libx264");
  codec_.reset(avcodec_alloc_context3(encoder));
  if (!codec_) throw Error("out of memory", where);
  codec_->width = width & ~1, codec_->height = height & ~1;
  if (codec_->width < 2 || codec_->height < 2)
    throw Error("frames are too small", where, "2 x 2 pixels or more", formatted("%d x %d", width, height));
  open(rate);
  rgb_ = make_picture(codec_->width, codec_->height, AV_PIX_FMT_RGB24);
  yuv_ = make_picture(codec_->width, codec_->height, codec_->pix_fmt);
}

void FrameEncoder::open(double rate) {
  const bool high = is_high_definition(codec_->height);
  codec_->time_base = {1, kTicks};
  if (rate > 0) codec_->framerate = av_d2q(rate, 100'000);
  codec_->pix_fmt = AV_PIX_FMT_YUV420P;
  codec_->color_range = AVCOL_RANGE_MPEG;
  codec_->colorspace = high ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
  codec_->color_primaries = high ? AVCOL_PRI_BT709 : AVCOL_PRI_SMPTE170M;
  codec_->color_trc = high ? AVCOL_TRC_BT709 : AVCOL_TRC_SMPTE170M;
  codec_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  AVDictionary* options = nullptr;
  av_dict_set(&options, "preset", "veryfast", 0);
  av_dict_set(&options, "crf", "20", 0);
  const int error = avcodec_open2(codec_.get(), codec_->codec, &options);
  av_dict_free(&options);
  if (error < 0)
    throw Error("video cannot be encoded", where_, {},
                av_text(error) + formatted(", %d x %d", codec_->width, codec_->height));
}

void FrameEncoder::convert(ImageView image) {
  if (av_frame_make_writable(yuv_.get()) < 0) throw Error("out of memory", where_);
  for (int y = 0; y < rgb_->height; ++y)
    std::memcpy(rgb_->data[0] + std::ptrdiff_t{rgb_->linesize[0]} * y, image.row(y),
                static_cast<std::size_t>(rgb_->width) * 3);
  scaler_.reset(sws_getCachedContext(scaler_.release(), rgb_->width, rgb_->height, AV_PIX_FMT_RGB24,
                                     yuv_->width, yuv_->height, AV_PIX_FMT_YUV420P, SWS_BICUBIC, nullptr,
                                     nullptr, nullptr));
  if (!scaler_) throw Error("out of memory", where_);
  const int matrix = is_high_definition(yuv_->height) ? SWS_CS_ITU709 : SWS_CS_ITU601;
  sws_setColorspaceDetails(scaler_.get(), sws_getCoefficients(SWS_CS_DEFAULT), 1, sws_getCoefficients(matrix),
                           0, 0, kSameColours, kSameColours);
  sws_scale(scaler_.get(), rgb_->data, rgb_->linesize, 0, rgb_->height, yuv_->data, yuv_->linesize);
}

void FrameEncoder::send(ImageView image, double seconds) {
  check_view(image, where_);
  if (image.channels != 3 || (image.width & ~1) != rgb_->width || (image.height & ~1) != rgb_->height)
    throw Error("frame has another size", where_, formatted("%d x %d, RGB", rgb_->width, rgb_->height),
                formatted("%d x %d", image.width, image.height));
  convert(image);
  last_ = yuv_->pts = std::max<std::int64_t>(std::llround(seconds * kTicks), last_ + 1);
  if (const int error = avcodec_send_frame(codec_.get(), yuv_.get()); error < 0)
    throw Error("frame cannot be encoded", where_, {}, av_text(error));
}

void FrameEncoder::end() {
  avcodec_send_frame(codec_.get(), nullptr);
}

bool FrameEncoder::receive(AVPacket& packet) {
  const int error = avcodec_receive_packet(codec_.get(), &packet);
  if (error == AVERROR(EAGAIN) || error == AVERROR_EOF) return false;
  if (error < 0) throw Error("frame cannot be encoded", where_, {}, av_text(error));
  return true;
}

}  // namespace regard

#include "regard/video/libav/decoder.h"

#include <array>
#include <string>

#include "regard/core/error.h"
#include "regard/core/text.h"
#include "regard/video/reader.h"

namespace regard {
namespace {

// Codings that cameras, editors and archives use; hundreds of others, mostly of games, are left alone.
constexpr std::array kCodings{
    AV_CODEC_ID_H264,      AV_CODEC_ID_HEVC,      AV_CODEC_ID_AV1,        AV_CODEC_ID_VP9,
    AV_CODEC_ID_VP8,       AV_CODEC_ID_MPEG4,     AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_MPEG1VIDEO,
    AV_CODEC_ID_MSMPEG4V1, AV_CODEC_ID_MSMPEG4V2, AV_CODEC_ID_MSMPEG4V3,  AV_CODEC_ID_WMV1,
    AV_CODEC_ID_WMV2,      AV_CODEC_ID_WMV3,      AV_CODEC_ID_VC1,        AV_CODEC_ID_H263,
    AV_CODEC_ID_H263P,     AV_CODEC_ID_FLV1,      AV_CODEC_ID_THEORA,     AV_CODEC_ID_MJPEG,
    AV_CODEC_ID_MJPEGB,    AV_CODEC_ID_JPEG2000,  AV_CODEC_ID_DVVIDEO,    AV_CODEC_ID_PRORES,
    AV_CODEC_ID_DNXHD,     AV_CODEC_ID_FFV1,      AV_CODEC_ID_HUFFYUV,    AV_CODEC_ID_FFVHUFF,
    AV_CODEC_ID_UTVIDEO,   AV_CODEC_ID_RAWVIDEO,  AV_CODEC_ID_PNG,        AV_CODEC_ID_QTRLE,
    AV_CODEC_ID_SVQ1,      AV_CODEC_ID_SVQ3,      AV_CODEC_ID_CINEPAK,    AV_CODEC_ID_RV40,
    AV_CODEC_ID_GIF,       AV_CODEC_ID_LAGARITH,  AV_CODEC_ID_MAGICYUV};

const AVCodec* find_decoder(AVCodecID coding, const std::string& where) {
  for (const auto known : kCodings)
    if (known == coding)
      if (const auto* decoder = avcodec_find_decoder(coding)) return decoder;
  throw Error("coding of this video is not supported", where, "H.264, HEVC, AV1, VP9, MPEG-4 or the like",
              avcodec_get_name(coding));
}

void check_size(const AVCodecParameters& parameters, const std::string& where) {
  const auto pixels = std::int64_t{parameters.width} * parameters.height;
  if (pixels > kMaxVideoPixels)
    throw Error("frames are too large", where, formatted("%lld pixels at most", (long long)kMaxVideoPixels),
                formatted("%d x %d", parameters.width, parameters.height));
}

}  // namespace

FrameDecoder::FrameDecoder(PacketSource& source) : source_(&source) {
  const auto& parameters = *source.stream().codecpar;
  check_size(parameters, source.where());
  const AVCodec* decoder = find_decoder(parameters.codec_id, source.where());
  codec_.reset(avcodec_alloc_context3(decoder));
  if (!codec_ || avcodec_parameters_to_context(codec_.get(), &parameters) < 0)
    throw Error("out of memory", source.where());
  codec_->pkt_timebase = source.stream().time_base;
  // One thread: an error then belongs to the packet that was sent, and results are the same on every machine.
  codec_->thread_count = 1;
  codec_->max_pixels = kMaxVideoPixels;
  codec_->flags |= AV_CODEC_FLAG_OUTPUT_CORRUPT;
  codec_->err_recognition = AV_EF_CRCCHECK;
  if (const int error = avcodec_open2(codec_.get(), decoder, nullptr); error < 0)
    throw Error("decoder cannot be opened", source.where(), {},
                std::string(decoder->name) + ": " + av_text(error));
}

void FrameDecoder::note_loss() {
  if (packet_->flags & AV_PKT_FLAG_DISCARD) return;  // the file says that it is not shown
  const auto stamp = packet_->pts != AV_NOPTS_VALUE ? packet_->pts : packet_->dts;
  if (stamp != AV_NOPTS_VALUE) lost_.insert(stamp);
}

/// Sends one packet, or the end; false if the end was sent before.
bool FrameDecoder::feed() {
  if (drained_) return false;
  if (!source_->read(*packet_)) {
    drained_ = true;
    avcodec_send_packet(codec_.get(), nullptr);
    return true;
  }
  const int error = avcodec_send_packet(codec_.get(), packet_.get());
  if (error == AVERROR(ENOMEM)) throw Error("out of memory", source_->where());
  if (error < 0 && error != AVERROR_EOF) note_loss();
  return true;
}

bool FrameDecoder::next(AVFrame& frame) {
  for (;;) {
    const int error = avcodec_receive_frame(codec_.get(), &frame);
    if (error == 0) return true;
    if (error == AVERROR(ENOMEM)) throw Error("out of memory", source_->where());
    if (error == AVERROR_EOF) return false;
    if (error != AVERROR(EAGAIN) && !drained_) note_loss();
    if (!feed()) return false;
  }
}

std::optional<std::int64_t> FrameDecoder::take_lost(std::int64_t before) {
  lost_.erase(before);  // it came out after all
  if (lost_.empty() || *lost_.begin() >= before) return {};
  return lost_.extract(lost_.begin()).value();
}

}  // namespace regard

#include "regard/video/libav/sound.h"

#include <cmath>
#include <span>

#include "regard/core/error.h"
#include "regard/core/text.h"
#include "regard/video/libav/source.h"

namespace regard {

SoundCopy::SoundCopy(const std::filesystem::path& path, double from, AVFormatContext& out)
    : where_(path.string()), out_(out), format_(open_file(path.string())) {
  const double start = start_of(*format_) + from;
  for (auto* stream : std::span(format_->streams, format_->nb_streams)) {
    stream->discard = AVDISCARD_ALL;
    const auto& coding = *stream->codecpar;
    if (coding.codec_type != AVMEDIA_TYPE_AUDIO) continue;
    if (avformat_query_codec(out.oformat, coding.codec_id, FF_COMPLIANCE_NORMAL) != 1) {
      left_out_.emplace_back(avcodec_get_name(coding.codec_id));
      continue;
    }
    auto* to = avformat_new_stream(&out, nullptr);
    if (!to || avcodec_parameters_copy(to->codecpar, &coding) < 0) throw Error("out of memory", where_);
    to->codecpar->codec_tag = 0;
    to->time_base = stream->time_base;
    stream->discard = AVDISCARD_DEFAULT;
    streams_[stream->index] = {.to = to, .shift = std::llround(start / av_q2d(stream->time_base))};
  }
}

std::string SoundCopy::left_out() const {
  return join(left_out_);
}

bool SoundCopy::read() {
  while (!waiting_ && !ended_ && !streams_.empty()) {
    av_packet_unref(packet_.get());
    const int error = av_read_frame(format_.get(), packet_.get());
    if (error == AVERROR(EAGAIN)) continue;
    ended_ = error < 0;  // a file that was cut off is copied as far as it goes
    const auto stream = streams_.find(packet_->stream_index);
    if (ended_ || stream == streams_.end() || packet_->pts == AV_NOPTS_VALUE) continue;
    const auto shift = stream->second.shift;
    packet_->pts -= shift, packet_->dts -= shift;
    waiting_ = shift == 0 || packet_->pts >= 0;
  }
  return waiting_;
}

double SoundCopy::seconds() const {
  const auto* stream = format_->streams[packet_->stream_index];
  return static_cast<double>(packet_->pts) * av_q2d(stream->time_base);
}

void SoundCopy::write() {
  const auto* from = format_->streams[packet_->stream_index];
  const auto* to = streams_.at(packet_->stream_index).to;
  av_packet_rescale_ts(packet_.get(), from->time_base, to->time_base);
  packet_->stream_index = to->index, packet_->pos = -1;
  waiting_ = false;
  if (const int error = av_interleaved_write_frame(&out_, packet_.get()); error < 0)
    throw Error("sound cannot be copied", where_, {}, av_text(error));
}

void SoundCopy::copy_until(double until) {
  while (read() && seconds() < until) write();
}

}  // namespace regard

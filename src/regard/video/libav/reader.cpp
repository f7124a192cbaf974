#include "regard/video/reader.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "regard/core/error.h"
#include "regard/core/text.h"
#include "regard/video/libav/decoder.h"
#include "regard/video/libav/pixels.h"
#include "regard/video/libav/source.h"
#include "regard/video/module.h"

namespace regard {
namespace {

const std::int32_t* display_matrix(const AVStream& stream) {
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 100)
  const auto* data = av_packet_side_data_get(stream.codecpar->coded_side_data,
                                             stream.codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
  return data ? reinterpret_cast<const std::int32_t*>(data->data) : nullptr;
#else
  return reinterpret_cast<const std::int32_t*>(
      av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, nullptr));
#endif
}

struct Size {
  int width, height;
};

/// The size with square pixels: one side is stretched, none shrinks. Ratios that no camera has are left
/// alone.
Size square_pixels(const AVCodecParameters& parameters) {
  const double ratio = parameters.sample_aspect_ratio.num > 0 ? av_q2d(parameters.sample_aspect_ratio) : 1;
  const Size size{parameters.width, parameters.height};
  if (!(ratio > .25 && ratio < 4)) return size;
  if (ratio > 1) return {static_cast<int>(std::lround(size.width * ratio)), size.height};
  return {size.width, static_cast<int>(std::lround(size.height / ratio))};
}

struct Turn {
  int degrees;
  bool mirrored;
};

/// What an EXIF orientation does to an image: it is mirrored left to right, then turned clockwise.
Turn turn_of(int orientation) {
  constexpr std::array<Turn, 9> kTurns{Turn{0, false}, {0, false},  {0, true},  {180, false}, {180, true},
                                       {270, true},    {90, false}, {90, true}, {270, false}};
  return kTurns[static_cast<std::size_t>(orientation)];
}

bool is_hdr(int transfer) {
  return transfer == AVCOL_TRC_SMPTE2084 || transfer == AVCOL_TRC_ARIB_STD_B67;
}

int bits_of(int format) {
  const auto* description = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(format));
  return description ? description->comp[0].depth : 8;
}

VideoInfo info_of(const PacketSource& source, Size upright, Turn turn) {
  const auto& stream = source.stream();
  const auto& parameters = *stream.codecpar;
  return {.width = upright.width,
          .height = upright.height,
          .rate = stream.avg_frame_rate.den > 0 ? av_q2d(stream.avg_frame_rate) : 0,
          .seconds = source.stated_seconds(),
          .frames = source.stated_frames(),
          .rotation = turn.degrees,
          .mirrored = turn.mirrored,
          .bits = bits_of(parameters.format),
          .hdr = is_hdr(number_in(parameters.color_trc)),
          .codec = avcodec_get_name(parameters.codec_id),
          .container = source.format().iformat->name};
}

class LibavReader : public VideoReader {
 public:
  explicit LibavReader(PacketSource source)
      : source_(std::move(source)),
        decoder_(source_),
        orientation_(orientation_of(display_matrix(source_.stream()))),
        size_(square_pixels(*source_.stream().codecpar)),
        pixels_(size_.width, size_.height, orientation_),
        info_(info_of(source_, orientation_ < 5 ? size_ : Size{size_.height, size_.width},
                      turn_of(orientation_))) {
    if (size_.width < 1 || size_.height < 1)
      throw Error("there is not one frame in this video", source_.where());
  }

  const VideoInfo& info() const override { return info_; }

  std::optional<FrameStamp> next() override {
    if (!waiting_ && !ended_) waiting_ = decoder_.next(*frame_), ended_ = !waiting_;
    const auto stamp = waiting_ ? frame_->best_effort_timestamp : AV_NOPTS_VALUE;
    const auto before = stamp == AV_NOPTS_VALUE ? std::numeric_limits<std::int64_t>::max() : stamp;
    const auto lost = decoder_.take_lost(before);
    shown_ = !lost && std::exchange(waiting_, false);
    if (lost) return stamped(*lost, true);
    if (shown_) return stamped(stamp, is_damaged());
    if (number_ == 0) throw Error("there is not one frame in this video", source_.where());
    return {};
  }

  Image image() override { return shown_ ? pixels_.convert(*frame_) : Image(); }

  std::string shortfall() const override {
    const auto& extent = source_.extent();
    if (!extent.cut_off()) return {};
    return formatted("the file was cut off: it has %.0f of %.0f bytes; %s could be read",
                     static_cast<double>(extent.bytes), static_cast<double>(extent.stated),
                     progress().c_str());
  }

 private:
  bool is_damaged() const { return frame_->decode_error_flags != 0 || frame_->flags & AV_FRAME_FLAG_CORRUPT; }

  FrameStamp stamped(std::int64_t stamp, bool damaged) {
    constexpr double kLeastStep = .001;
    const double step = info_.rate > 0 ? 1 / info_.rate : .04;
    const double stated = static_cast<double>(stamp) * av_q2d(source_.stream().time_base) - source_.start();
    if (stamp == AV_NOPTS_VALUE)
      seconds_ = number_ > 0 ? seconds_ + step : 0;
    else
      seconds_ = number_ > 0 ? std::max(stated, seconds_ + kLeastStep) : stated;  // time never stands still
    return {.number = number_++, .seconds = seconds_, .damaged = damaged};
  }

  /// "145 of 240 frames (4.8 of 8.0 s)"
  std::string progress() const {
    std::string frames = formatted("%.0f", static_cast<double>(number_)),
                seconds = formatted("%.1f", seconds_);
    if (info_.frames > 0) frames += formatted(" of %.0f", static_cast<double>(info_.frames));
    if (info_.seconds > 0) seconds += formatted(" of %.1f", info_.seconds);
    return frames + " frames (" + seconds + " s)";
  }

  PacketSource source_;
  FrameDecoder decoder_;
  int orientation_;
  Size size_;
  PixelConverter pixels_;
  VideoInfo info_;
  AvFrame frame_ = make_frame();
  std::int64_t number_ = 0;
  double seconds_ = 0;
  bool waiting_ = false;  // a decoded frame that has not been given out
  bool ended_ = false;
  bool shown_ = false;  // whether the present frame is the decoded one
};

}  // namespace
}  // namespace regard

/// See regard/video/module.h.
extern "C" regard::VideoReader* regard_open_video_1(const std::filesystem::path& path) {
  regard::silence_libav();
  return new regard::LibavReader(regard::PacketSource(path));
}

extern "C" regard::VideoReader* regard_open_device_1(const std::string& device, const std::string& kind) {
  regard::silence_libav();
  return new regard::LibavReader(regard::PacketSource(device, kind));
}

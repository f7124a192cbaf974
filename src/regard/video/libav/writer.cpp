#include "regard/video/writer.h"

#include <algorithm>
#include <optional>

#include "regard/core/error.h"
#include "regard/video/libav/encoder.h"
#include "regard/video/libav/sound.h"
#include "regard/video/module.h"

namespace regard {
namespace {

struct OutputFreed {
  void operator()(AVFormatContext* format) const {
    avio_closep(&format->pb);
    avformat_free_context(format);
  }
};
using AvOutput = std::unique_ptr<AVFormatContext, OutputFreed>;

/// An MP4 file whose index comes first, so that players can begin before they have all of it.
AvOutput open_output(const std::string& path) {
  const std::string url = "file:" + path;
  AVFormatContext* format = nullptr;
  if (avformat_alloc_output_context2(&format, nullptr, "mp4", url.c_str()) < 0)
    throw Error("out of memory", path);
  AvOutput output(format);
  if (const int error = avio_open(&format->pb, url.c_str(), AVIO_FLAG_WRITE); error < 0)
    throw Error("video cannot be written", path, {}, av_text(error));
  return output;
}

class LibavWriter : public VideoWriter {
 public:
  LibavWriter(const std::filesystem::path& path, const VideoWriterOptions& options)
      : where_(path.string()),
        encoder_(options.width, options.height, options.rate, where_),
        output_(open_output(where_)) {
    if (options.rate > 0) step_ = 1 / options.rate;
    add_video();
    if (!options.sound.empty()) sound_.emplace(options.sound, options.from, *output_);
    av_dict_set(&output_->metadata, "comment", options.comment.c_str(), 0);
    AVDictionary* muxing = nullptr;
    av_dict_set(&muxing, "movflags", "+faststart", 0);
    const int error = avformat_write_header(output_.get(), &muxing);
    av_dict_free(&muxing);
    check(error);
  }

  void write(ImageView image, double seconds) override {
    if (frames_++ > 0) step_ = seconds - last_;
    last_ = seconds;
    encoder_.send(image, seconds);
    write_packets();
    if (sound_) sound_->copy_until(seconds);
  }

  void finish() override {
    encoder_.end();
    write_packets();
    if (sound_) sound_->copy_until(last_ + step_);
    check(av_write_trailer(output_.get()));
    check(avio_closep(&output_->pb));
  }

  std::string left_out() const override { return sound_ ? sound_->left_out() : ""; }

 private:
  void check(int error) const {
    if (error < 0) throw Error("video cannot be written", where_, {}, av_text(error));
  }

  void add_video() {
    video_ = avformat_new_stream(output_.get(), nullptr);
    if (!video_) throw Error("out of memory", where_);
    check(avcodec_parameters_from_context(video_->codecpar, &encoder_.context()));
    video_->time_base = encoder_.context().time_base;
    video_->avg_frame_rate = encoder_.context().framerate;
  }

  void write_packets() {
    while (encoder_.receive(*packet_)) {
      av_packet_rescale_ts(packet_.get(), encoder_.context().time_base, video_->time_base);
      packet_->stream_index = video_->index;
      check(av_interleaved_write_frame(output_.get(), packet_.get()));
    }
  }

  std::string where_;
  FrameEncoder encoder_;
  AvOutput output_;
  AVStream* video_ = nullptr;
  std::optional<SoundCopy> sound_ = {};
  AvPacket packet_ = make_packet();
  double last_ = 0, step_ = 1. / 25;  // seconds of the last frame, and between the last two
  std::int64_t frames_ = 0;
};

}  // namespace
}  // namespace regard

/// See regard/video/module.h.
extern "C" regard::VideoWriter* regard_write_video_1(const std::filesystem::path& path,
                                                     const regard::VideoWriterOptions& options) {
  regard::silence_libav();
  return new regard::LibavWriter(path, options);
}

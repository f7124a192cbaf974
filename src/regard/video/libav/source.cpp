#include "regard/video/libav/source.h"

#include <dlfcn.h>

#include <array>
#include <fstream>
#include <span>
#include <vector>

#include "regard/core/content.h"
#include "regard/core/error.h"
#include "regard/core/text.h"

namespace regard {
namespace {

// Files of one piece. No playlists or lists of images (hls, dash, concat, image2 and the like), which read
// other files.
constexpr const char* kContainers =
    "mov,matroska,webm,avi,mpegts,mpeg,mpegvideo,m4v,h264,hevc,av1,ivf,asf,flv,live_flv,ogg,mxf,dv,nut,rm,"
    "swf,"
    "yuv4mpegpipe,gif";

/// The first bytes, for messages.
std::string_view kind_of(const std::filesystem::path& path) {
  std::array<char, 1024> start{};
  std::ifstream file(path, std::ios::binary);
  file.read(start.data(), start.size());
  return describe_content(std::as_bytes(std::span(start)).first(static_cast<std::size_t>(file.gcount())));
}

/// What else is in a file without video: "audio (aac), data".
std::string streams_of(const AVFormatContext& format) {
  std::vector<std::string> names;
  for (const auto* stream : std::span(format.streams, format.nb_streams)) {
    const char* kind = av_get_media_type_string(stream->codecpar->codec_type);
    const bool picture = stream->disposition & AV_DISPOSITION_ATTACHED_PIC;
    names.push_back(picture ? "a cover picture"
                            : std::string(kind ? kind : "data") + " (" +
                                  avcodec_get_name(stream->codecpar->codec_id) + ")");
  }
  return names.empty() ? "nothing" : join(names);
}

/// Loads libavdevice, which brings a hundred libraries that nothing but cameras needs. It belongs to
/// libavformat of the same major version.
void register_devices(const std::string& device) {
  const std::string file = "libavdevice.so." + std::to_string(LIBAVFORMAT_VERSION_MAJOR);
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  auto* all = library ? dlsym(library, "avdevice_register_all") : nullptr;
  if (!all) {
    const char* reason = dlerror();
    throw Error("cameras need a library of FFmpeg that cannot be loaded", device,
                file + " (Debian: libavdevice" + std::to_string(LIBAVFORMAT_VERSION_MAJOR) + ")",
                reason ? reason : "");
  }
  reinterpret_cast<void (*)()>(all)();
}

}  // namespace

AvFormat open_file(const std::string& path) {
  AVDictionary* options = nullptr;
  av_dict_set(&options, "protocol_whitelist", "file", 0);
  av_dict_set(&options, "format_whitelist", kContainers, 0);
  AVFormatContext* opened = nullptr;
  // "file:" keeps names such as "concat:a|b" from being anything but names.
  const int error = avformat_open_input(&opened, ("file:" + path).c_str(), nullptr, &options);
  av_dict_free(&options);
  if (error == AVERROR_EOF) throw Error("there is not one frame in this video", path);
  if (error < 0)
    throw Error("is no video that can be read", path, "MP4, MOV, Matroska, WebM, AVI, MPEG or the like",
                std::string(kind_of(path)) + " (" + av_text(error) + ")");
  AvFormat format(opened);
  if (const int found = avformat_find_stream_info(format.get(), nullptr); found < 0)
    throw Error("streams cannot be read", path, {}, av_text(found));
  return format;
}

AvFormat open_device(const std::string& device, const std::string& kind) {
  register_devices(device);
  const auto* input = av_find_input_format(kind.c_str());
  if (!input) throw Error("FFmpeg's libavdevice knows no such kind of device", device, {}, kind);
  AVFormatContext* opened = nullptr;
  if (const int error = avformat_open_input(&opened, device.c_str(), input, nullptr); error < 0)
    throw Error("camera cannot be opened", device,
                "the number or the device of a camera that nothing else uses", av_text(error));
  AvFormat format(opened);
  if (const int found = avformat_find_stream_info(format.get(), nullptr); found < 0)
    throw Error("camera gives no frames", device, {}, av_text(found));
  return format;
}

double start_of(const AVFormatContext& format) {
  const auto start = format.start_time;
  return start != AV_NOPTS_VALUE && start > 0 ? static_cast<double>(start) / AV_TIME_BASE : 0;
}

PacketSource::PacketSource(const std::filesystem::path& path)
    : where_(path.string()), extent_(container_extent(path)) {
  if (extent_.lacks_index)
    throw Error(
        "the video's index (its 'moov' box) is missing: the recording was cut off before it was written",
        where_, "a whole file");
  format_ = open_file(where_);
  choose_stream();
}

PacketSource::PacketSource(const std::string& device, const std::string& kind)
    : where_(device), format_(open_device(device, kind)) {
  choose_stream();
}

void PacketSource::choose_stream() {
  const int best = av_find_best_stream(format_.get(), AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  const std::span streams(format_->streams, format_->nb_streams);
  if (best < 0 || streams[static_cast<std::size_t>(best)]->disposition & AV_DISPOSITION_ATTACHED_PIC)
    throw Error("there is no video in this file", where_, "a video stream", streams_of(*format_));
  for (auto* stream : streams) stream->discard = AVDISCARD_ALL;
  stream_ = streams[static_cast<std::size_t>(best)];
  stream_->discard = AVDISCARD_DEFAULT;
}

bool PacketSource::read(AVPacket& packet) {
  for (;;) {
    av_packet_unref(&packet);
    const int error = av_read_frame(format_.get(), &packet);
    if (error == AVERROR(EAGAIN)) continue;
    if (error == AVERROR(ENOMEM)) throw Error("out of memory", where_);
    if (error < 0) return false;  // the end, or what cannot be told from it: `extent` knows better
    if (packet.stream_index != stream_->index) continue;
    ++count_;
    return true;
  }
}

std::int64_t PacketSource::stated_frames() const {
  return stream_->nb_frames;
}

double PacketSource::stated_seconds() const {
  if (stream_->duration != AV_NOPTS_VALUE && stream_->duration > 0)
    return static_cast<double>(stream_->duration) * av_q2d(stream_->time_base);
  return format_->duration > 0 ? static_cast<double>(format_->duration) / AV_TIME_BASE : 0;
}

}  // namespace regard

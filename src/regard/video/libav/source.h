#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "regard/video/container.h"
#include "regard/video/libav/libav.h"

namespace regard {

/// Opens a file and looks for its streams. Nothing but this file is read. Throws as open_video.
AvFormat open_file(const std::string& path);

/// The same of a device, such as a camera, of a kind that FFmpeg knows. Throws as open_camera.
AvFormat open_device(const std::string& device, const std::string& kind);

/// Seconds of a file's first moment on the clock of its time stamps.
double start_of(const AVFormatContext& format);

/// The packets of a file's video stream.
class PacketSource {
 public:
  /// Throws as open_video.
  explicit PacketSource(const std::filesystem::path& path);
  /// Of a device; throws as open_camera.
  PacketSource(const std::string& device, const std::string& kind);

  AVStream& stream() const { return *stream_; }
  AVFormatContext& format() const { return *format_; }
  const std::string& where() const { return where_; }

  /// The next packet of the video; false at the end, also at an early one. Throws Error if reading fails.
  bool read(AVPacket& packet);

  /// Number of packets so far.
  std::int64_t count() const { return count_; }

  /// Number of frames as the file states it; 0: not known.
  std::int64_t stated_frames() const;
  /// Duration of the video in seconds as the file states it; 0: not known.
  double stated_seconds() const;
  double start() const { return start_of(*format_); }
  const ContainerExtent& extent() const { return extent_; }

 private:
  void choose_stream();

  std::string where_;
  ContainerExtent extent_;
  AvFormat format_;
  AVStream* stream_ = nullptr;
  std::int64_t count_ = 0;
};

}  // namespace regard

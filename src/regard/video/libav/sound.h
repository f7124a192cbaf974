#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "regard/video/libav/libav.h"

namespace regard {

/// Copies the sound of one file into another, packet by packet, without encoding it again.
class SoundCopy {
 public:
  /// `out` gets a stream for each one of `path` that its format can hold. `from`: seconds of `path` at which
  /// `out` begins. Throws as open_video.
  SoundCopy(const std::filesystem::path& path, double from, AVFormatContext& out);

  /// Writes the packets up to `seconds` of the new file.
  void copy_until(double seconds);

  /// The codings that the new file cannot hold: "pcm_s16le, vorbis".
  std::string left_out() const;

 private:
  struct Copied {
    AVStream* to;
    std::int64_t shift;  // of its time stamps
  };

  bool read();
  double seconds() const;
  void write();

  std::string where_;
  AVFormatContext& out_;
  AvFormat format_;
  std::map<int, Copied> streams_ = {};  // by their number in the source
  std::vector<std::string> left_out_ = {};
  AvPacket packet_ = make_packet();
  bool waiting_ = false;  // a packet that was read and not written
  bool ended_ = false;
};

}  // namespace regard

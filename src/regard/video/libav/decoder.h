#pragma once

#include <cstdint>
#include <optional>
#include <set>

#include "regard/video/libav/libav.h"
#include "regard/video/libav/source.h"

namespace regard {

/// The frames of a video in the order in which they are shown.
class FrameDecoder {
 public:
  /// `source` must outlive it. Throws Error for a coding that is not supported and for frames that are too
  /// large.
  explicit FrameDecoder(PacketSource& source);

  /// Decodes the next frame; false at the end.
  bool next(AVFrame& frame);

  /// The first time stamp before `before` of a packet of which no frame came out, forgotten from now on. A
  /// packet with the time stamp `before` is no longer counted among them.
  std::optional<std::int64_t> take_lost(std::int64_t before);

  const AVCodecContext& context() const { return *codec_; }

 private:
  bool feed();
  void note_loss();

  PacketSource* source_;
  AvCodec codec_;
  AvPacket packet_ = make_packet();
  std::set<std::int64_t> lost_;
  bool drained_ = false;
};

}  // namespace regard

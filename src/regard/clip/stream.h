#pragma once

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "regard/clip/run.h"
#include "regard/core/bounded_queue.h"

namespace regard {

/// The frames of a clip for a caller who asks for one after the other: run_clip in a thread of its own, which
/// is at most kAhead finished frames ahead. One thread at a time.
class ClipStream {
 public:
  static constexpr std::size_t kAhead = 64;

  ClipStream(std::unique_ptr<VideoReader> reader, Stages stages, ClipOptions options);
  /// What is not asked for any more is not recognised.
  ~ClipStream();
  ClipStream(const ClipStream&) = delete;
  ClipStream& operator=(const ClipStream&) = delete;

  /// Waits for the next frame; none at the end. Throws what run_clip throws, once all frames before are given
  /// out.
  std::optional<ClipFrame> next();

  /// As VideoReader::shortfall; empty before the end.
  std::string shortfall() const { return ended_ ? reader_->shortfall() : ""; }

  const VideoInfo& info() const { return info_; }
  const Stages& stages() const { return stages_; }

 private:
  void run();

  std::unique_ptr<VideoReader> reader_;
  VideoInfo info_;
  Stages stages_;
  ClipOptions options_;
  BoundedQueue<ClipFrame> frames_{kAhead};
  std::exception_ptr error_ = {};  // of the thread, once the queue is closed
  bool ended_ = false;
  std::jthread thread_;
};

}  // namespace regard

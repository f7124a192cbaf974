#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "regard/video/reader.h"

namespace regard {

/// Frames of a camera. Who asks for the next one too late gets a later one: at most kWaiting frames wait, and
/// the oldest is left out for a new one, so that results do not fall behind what happens. Numbers go on
/// counting, so that frames which were left out show as gaps.
class LiveReader : public VideoReader {
 public:
  static constexpr std::size_t kWaiting = 2;

  /// `keep`: what is given out is kept for `again`.
  explicit LiveReader(std::unique_ptr<VideoReader> camera, bool keep = false);
  ~LiveReader() override;

  const VideoInfo& info() const override { return info_; }
  std::optional<FrameStamp> next() override;
  Image image() override { return *now_.image; }
  std::string shortfall() const override { return {}; }

  /// A reader of the frames that `next` has given out, once more and in order, each of which is then
  /// forgotten. It must not outlive this one. Any thread.
  std::unique_ptr<VideoReader> again();

  /// Seconds since the frame with this number came from the camera; those before it are forgotten. Any
  /// thread.
  double age(std::int64_t number);

 private:
  friend class KeptFrames;

  struct Frame {
    FrameStamp stamp = {};
    std::shared_ptr<const Image> image = {};
    std::chrono::steady_clock::time_point came = {};
  };

  void read(std::stop_token stop);

  std::unique_ptr<VideoReader> camera_;
  VideoInfo info_;
  bool keep_;
  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<Frame> waiting_ = {}, kept_ = {};
  std::deque<std::pair<std::int64_t, std::chrono::steady_clock::time_point>> times_ = {};
  bool ended_ = false;
  std::exception_ptr error_ = {};
  Frame now_ = {};
  std::jthread thread_;
};

}  // namespace regard

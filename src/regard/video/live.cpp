#include "regard/video/live.h"

#include <utility>

namespace regard {

/// See LiveReader::again.
class KeptFrames : public VideoReader {
 public:
  explicit KeptFrames(LiveReader& live) : live_(&live) {}

  const VideoInfo& info() const override { return live_->info_; }
  std::optional<FrameStamp> next() override {
    const std::lock_guard lock(live_->mutex_);
    if (live_->kept_.empty()) return {};
    now_ = std::move(live_->kept_.front());
    live_->kept_.pop_front();
    return now_.stamp;
  }
  Image image() override { return *now_.image; }
  std::string shortfall() const override { return {}; }

 private:
  LiveReader* live_;
  LiveReader::Frame now_ = {};
};

LiveReader::LiveReader(std::unique_ptr<VideoReader> camera, bool keep)
    : camera_(std::move(camera)),
      info_(camera_->info()),
      keep_(keep),
      thread_([this](std::stop_token stop) { read(stop); }) {}

LiveReader::~LiveReader() = default;

void LiveReader::read(std::stop_token stop) {
  try {
    while (!stop.stop_requested()) {
      const auto stamp = camera_->next();
      if (!stamp) break;
      Frame frame{.stamp = *stamp, .came = std::chrono::steady_clock::now()};
      frame.image = std::make_shared<const Image>(camera_->image());
      const std::lock_guard lock(mutex_);
      if (waiting_.size() == kWaiting) waiting_.pop_front();
      waiting_.push_back(std::move(frame));
      came_.notify_one();
    }
  } catch (...) {
    error_ = std::current_exception();
  }
  const std::lock_guard lock(mutex_);
  ended_ = true;
  came_.notify_one();
}

std::optional<FrameStamp> LiveReader::next() {
  std::unique_lock lock(mutex_);
  came_.wait(lock, [this] { return ended_ || !waiting_.empty(); });
  if (waiting_.empty()) {
    if (error_) std::rethrow_exception(std::exchange(error_, {}));
    return {};
  }
  now_ = std::move(waiting_.front());
  waiting_.pop_front();
  times_.emplace_back(now_.stamp.number, now_.came);
  if (keep_) kept_.push_back(now_);
  return now_.stamp;
}

std::unique_ptr<VideoReader> LiveReader::again() {
  return std::make_unique<KeptFrames>(*this);
}

double LiveReader::age(std::int64_t number) {
  const std::lock_guard lock(mutex_);
  while (!times_.empty() && times_.front().first < number) times_.pop_front();
  if (times_.empty()) return 0;
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - times_.front().second).count();
}

}  // namespace regard

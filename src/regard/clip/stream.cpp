#include "regard/clip/stream.h"

#include <utility>

namespace regard {
namespace {

/// Ends run_clip where nobody wants the frames any more.
struct NobodyListens {};

}  // namespace

ClipStream::ClipStream(std::unique_ptr<VideoReader> reader, Stages stages, ClipOptions options)
    : reader_(std::move(reader)),
      info_(reader_->info()),
      stages_(std::move(stages)),
      options_(std::move(options)),
      thread_([this] { run(); }) {}

ClipStream::~ClipStream() {
  frames_.cancel();
}

void ClipStream::run() {
  const auto hand_on = [this](const ClipFrame& frame) {
    if (!frames_.push(frame)) throw NobodyListens();
  };
  try {
    run_clip(*reader_, stages_, options_, {.frame = hand_on});
  } catch (const NobodyListens&) {
  } catch (...) {
    error_ = std::current_exception();
  }
  frames_.close();
}

std::optional<ClipFrame> ClipStream::next() {
  auto frame = frames_.pop();
  if (frame) return frame;
  if (thread_.joinable()) thread_.join();
  if (error_) std::rethrow_exception(std::exchange(error_, {}));
  ended_ = true;
  return {};
}

}  // namespace regard

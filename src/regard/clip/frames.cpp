#include "regard/clip/frames.h"

#include <utility>

namespace regard {

FrameGroups::FrameGroups(VideoReader& reader, FrameGroupOptions options)
    : reader_(&reader), options_(std::move(options)), selector_(options_.selection) {}

std::optional<FrameStamp> FrameGroups::next_wanted() {
  while (!ended_) {
    const auto stamp = reader_->next();
    if (!stamp || selector_.is_past(stamp->seconds)) break;
    seconds_ = stamp->seconds;
    if (selector_.wants(stamp->seconds)) return stamp;
  }
  ended_ = true;
  return {};
}

std::optional<FrameImage> FrameGroups::next_frame() {
  const auto stamp = next_wanted();
  if (!stamp) return {};
  FrameImage frame{.stamp = *stamp, .image = reader_->image()};
  frame.cut = !frame.image.empty() && cuts_.next(frame.image);
  return frame;
}

bool FrameGroups::belongs(const FrameGroup& group, const FrameImage& frame) const {
  const auto& last = group.back();
  const bool fits = (group.size() + 1) * frame.image.pixels.size() <= options_.bytes;
  return !frame.cut && fits && group.size() < options_.frames && !last.image.empty() &&
         frame.stamp.seconds - group.front().stamp.seconds <= options_.seconds;
}

std::optional<FrameGroup> FrameGroups::next() {
  if (!held_) held_ = next_frame();
  if (!held_) return {};
  FrameGroup group;
  do {
    group.push_back(std::move(*held_));
    held_ = next_frame();
  } while (held_ && belongs(group, *held_));
  return group;
}

void FrameGroups::skip_through(std::int64_t number) {
  while (const auto stamp = next_wanted()) {
    if (stamp->number < number) continue;
    if (const Image image = reader_->image(); !image.empty()) cuts_.next(image);
    return;
  }
}

}  // namespace regard

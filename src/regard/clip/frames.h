#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "regard/clip/selection.h"
#include "regard/core/image.h"
#include "regard/track/scene_cuts.h"
#include "regard/video/reader.h"

namespace regard {

/// A frame of a clip that is looked at.
struct FrameImage {
  FrameStamp stamp = {};
  bool cut = false;  ///< the scene changed since the frame before
  Image image = {};  ///< RGB; empty if nothing of it could be decoded
};

/// Frames that follow each other; the first one is searched for faces, in the others they are followed.
using FrameGroup = std::vector<FrameImage>;

struct FrameGroupOptions {
  FrameSelection selection = {};
  double seconds = .17;            ///< between the first frame of a group and its last, at most
  std::size_t frames = 8;          ///< of a group, at most
  std::size_t bytes = 64'000'000;  ///< of a group's images, at most, unless it has only one
};

/// Reads a clip in groups. Where a scene changes, and after a frame that cannot be shown, a new group begins.
/// The groups depend on nothing but the clip and the options.
class FrameGroups {
 public:
  /// `reader` must outlive it.
  FrameGroups(VideoReader& reader, FrameGroupOptions options);

  /// The next group; none at the end of the clip or of the selected range. Throws as VideoReader::next.
  std::optional<FrameGroup> next();

  /// Passes over all frames up to the one with this number, which must be the last of a group.
  void skip_through(std::int64_t number);

  /// Seconds of the frame that was read last.
  double seconds() const { return seconds_; }

 private:
  std::optional<FrameStamp> next_wanted();
  std::optional<FrameImage> next_frame();
  bool belongs(const FrameGroup& group, const FrameImage& frame) const;

  VideoReader* reader_;
  FrameGroupOptions options_;
  FrameSelector selector_;
  SceneCuts cuts_;
  std::optional<FrameImage> held_;  // read, and not given out yet
  double seconds_ = 0;
  bool ended_ = false;
};

}  // namespace regard

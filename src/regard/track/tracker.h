#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "regard/face/detector.h"
#include "regard/track/people.h"

namespace regard {

struct TrackerOptions {
  float sure = .6f;
  int hits = 3;
  float watch = .5f;
  float lost = 1;
  float remember = 30;
  float alike = .5f;
  int people = 0;

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("sure", sure, "score of a face that may begin a track, 0 to 1; others only continue one");
    visit("hits", hits, "frames in which a face must be seen to be a person");
    visit("watch", watch,
          "seconds for which a newcomer is watched before it is decided whether they come back");
    visit("lost", lost, "seconds for which the motion of a face that is not seen is continued");
    visit("remember", remember, "seconds after which somebody who comes back is taken for somebody new");
    visit("alike", alike, "minimum similarity of appearance, -1 to 1, to somebody who comes back");
    visit("people", people, "number of people in the clip, if known; 0: unknown");
  }
};

/// The number of a face that belongs to nobody: it was seen too briefly, or it is doubtful and continues
/// nothing, or it is one more than there are people.
inline constexpr int kNobody = 0;

/// A frame of a clip as the tracker sees it.
struct TrackerFrame {
  double time = 0;                        ///< seconds, more than the frame before
  std::span<const Detection> faces = {};  ///< also doubtful ones, if they are to be used
  int width = 0, height = 0;              ///< in pixels; 0: unknown. Nobody is learnt from faces at its edges
  bool cut = false;                       ///< the scene changed since the frame before
  bool damaged = false;                   ///< nothing is learnt about how people look
  /// The appearance of one of `faces`, by its index; called within `update`, and only where motion does not
  /// decide or a person's views are collected. Empty, or an empty vector: unknown.
  std::function<AppearanceVector(std::size_t face)> appearance = {};
};

/// Gives the faces in a clip the numbers of people: the same person, the same number. Two passes as in
/// ByteTrack (Zhang et al., ECCV 2022): sure faces to tracks by overlap, landmarks and direction, then
/// doubtful ones to the tracks that are left, since faces that are partly covered look doubtful. Gaps are
/// closed as in OC-SORT (motion.h). Appearance is asked for only where two faces or two tracks compete, and
/// where somebody comes back. Who resembles nobody enough is somebody new.
///
/// Numbers begin with 1, in the order of first appearance. Those of a frame come once they are final, which
/// takes a bounded time, so that the first frames of a person have the person's number, too.
/// Results depend on nothing but the frames. Not thread safe; one tracker per clip.
class Tracker {
 public:
  /// Throws Error for options out of range.
  explicit Tracker(const TrackerOptions& options = {});
  ~Tracker();
  Tracker(Tracker&&) noexcept;
  Tracker& operator=(Tracker&&) noexcept;

  /// One number per face, in the order of the frame's faces.
  using Numbers = std::vector<int>;

  /// Takes in the next frame. Returns the numbers of the frames, from the earliest that has not been returned
  /// up to the last one that is final; possibly none, possibly several. Throws Error if time stands still.
  std::vector<Numbers> update(const TrackerFrame& frame);

  /// Returns the numbers of all frames that are left, and makes ready for another clip.
  std::vector<Numbers> finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace regard

#pragma once

#include <functional>
#include <stop_token>

#include "regard/clip/identities.h"
#include "regard/clip/journal.h"
#include "regard/clip/recognized.h"
#include "regard/pipeline/stages.h"
#include "regard/video/reader.h"

namespace regard {

struct ClipOptions {
  FrameSelection selection = {};
  double search_every = .17;
  int every = 1;
  int max_faces = 0;
  double smoothing = .25;
  TrackerOptions tracker = {};
  int jobs = 1;                        ///< groups of frames that are recognised at the same time
  Identities::Describe describe = {};  ///< how people look, where their motion does not tell them apart

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("search_every", search_every,
          "seconds after which a frame is searched for faces again; in between they are followed. 0: every "
          "frame "
          "is searched");
    visit("every", every,
          "recognise the expression in every n-th frame between two searches; in the others it stays as it "
          "was");
    visit("max_faces", max_faces, "use the best faces of a frame only; 0: all of them");
    visit("smoothing", smoothing,
          "time constant in seconds of the exponential filter for smoothed probabilities; 0: none");
    visit("tracker", tracker, "how faces become people");
  }
};

/// The least score of faces that are looked for in clips: also doubtful ones, which only continue tracks
/// (TrackerOptions::sure).
inline constexpr float kLeastScoreInClips = .3f;

/// How people look (engine/appearance.h), in the model's chips, for ClipOptions::describe.
Identities::Describe describer(const Stages& stages);

/// What run_clip calls, always in the thread of its caller.
struct ClipSinks {
  std::function<void(const ClipFrame&)> frame = {};   ///< every frame, in order, once it is final
  std::function<void(double seconds)> progress = {};  ///< after a group of frames: how far the clip was read
};

/// From a video to who shows which expression when: decoding, recognition (in `jobs` threads), and the rest
/// run at the same time. What is given out depends on the clip and the options, not on `jobs`. Memory does
/// not grow with the clip: at most jobs + 3 groups of frames (FrameGroupOptions::bytes) are decoded at the
/// same time, and the tracker holds some seconds of faces.
///
/// `journal`, if there is one: is replayed first, then continued. After a request on `stop` what has been
/// read is finished; with a journal, what is not final is then left to the run that continues it. Throws
/// Error.
void run_clip(VideoReader& reader, const Stages& stages, const ClipOptions& options, const ClipSinks& sinks,
              Journal* journal = nullptr, std::stop_token stop = {});

/// Gives out all frames of a journal once more, with the same options.
void replay_clip(const Journal& journal, const ClipOptions& options, const Identities::Sink& sink);

}  // namespace regard

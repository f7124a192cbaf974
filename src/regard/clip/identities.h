#pragma once

#include <deque>
#include <functional>
#include <map>
#include <vector>

#include "regard/clip/recognized.h"
#include "regard/pipeline/face.h"
#include "regard/track/tracker.h"
#include "regard/video/reader.h"

namespace regard {

/// A face of a clip, and whose it is.
struct PersonFace {
  int person = kNobody;    ///< from 1, in the order of appearance
  bool classified = true;  ///< whether the expression was recognised in this frame
  Face face = {};
  std::vector<float> smoothed = {};   ///< probabilities over time, in the order of the labels
  std::vector<float> corrected = {};  ///< log-odds of the smoothed ones beyond the baseline; empty: unknown

  /// As Face::visit, without what only a baseline gives.
  template <class Visitor>
  void visit(Visitor&& visit) const {
    visit("face_id", person,
          "the person, from 1 in the order of appearance; 0: seen too briefly to be anybody");
    visit("classified", classified, "whether the expression was recognised in this frame");
    face.visit(visit);
    visit("smoothed", smoothed, "probabilities of the person, smoothed over time");
  }
};

/// A frame of a clip, done.
struct ClipFrame {
  FrameStamp stamp = {};
  bool cut = false;  ///< the scene changed since the frame before
  std::vector<PersonFace> faces = {};
};

/// An exponential filter in time: what is new counts for 1 - exp(-dt / constant), dt seconds after the value
/// before, so that the rate of the frames does not matter. It begins anew after a gap.
class Smoother {
 public:
  /// `constant` in seconds, 0: no smoothing.
  explicit Smoother(double constant) : constant_(constant) {}

  const std::vector<float>& next(double seconds, const std::vector<float>& values);

  static constexpr double kGap = 1;  ///< seconds without a value after which the past no longer counts

 private:
  double constant_;
  double before_ = 0;
  std::vector<float> state_ = {};
};

/// Finds out whose the faces of a clip are, and smooths their expressions over time.
class Identities {
 public:
  using Sink = std::function<void(const ClipFrame&)>;
  /// The appearance of a chip, if it is to be had.
  using Describe = std::function<AppearanceVector(ImageView chip)>;

  Identities(const TrackerOptions& tracker, double smoothing, Sink sink)
      : tracker_(tracker), sure_(tracker.sure), smoothing_(smoothing), sink_(std::move(sink)) {}

  /// Takes in the next frame, and gives out those whose people are known for good, without doubtful faces
  /// that belong to nobody. The appearances that the tracker asks for are noted in the frame; those that are
  /// noted already are not computed again.
  void take(RecognizedFrame& frame, const Describe& describe);
  /// Gives out all that are left.
  void finish();

 private:
  void give_out(const std::vector<Tracker::Numbers>& numbers);
  void smooth(PersonFace& face, double seconds);

  Tracker tracker_;
  float sure_;
  double smoothing_;
  Sink sink_;
  std::deque<ClipFrame> waiting_ = {};
  std::map<int, Smoother> smoothers_ = {};
};

}  // namespace regard

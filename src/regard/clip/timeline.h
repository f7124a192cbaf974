#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "regard/clip/identities.h"

namespace regard {

/// A chart of who showed which expression when (SVG): a lane per person, in which the height of the
/// coloured area is the smoothed probability of the most probable expression. Where nobody was seen the lane
/// is empty and hatched; stretches that are not to be relied upon (is_unsure) are marked under it; dotted
/// lines are cuts.
class Timeline {
 public:
  explicit Timeline(std::vector<std::string> labels) : labels_(std::move(labels)) {}

  void take(const ClipFrame& frame);

  /// `method`: how it came about, kept in the file.
  std::string svg(const std::string& title, const std::string& method = {}) const;

 private:
  friend class TimelineDrawing;

  struct Moment {
    float seconds, probability;
    int label;
    bool unsure;
  };

  std::vector<std::string> labels_;
  std::map<int, std::vector<Moment>> people_ = {};
  std::vector<float> cuts_ = {};
  double begin_ = 0, end_ = 0, step_ = 0;  // step: the longest between two frames
  bool any_ = false;
};

}  // namespace regard

#pragma once

#include <vector>

#include "regard/core/geometry.h"

namespace regard {

/// A value that moves at nearly constant velocity, seen with noise: a Kalman filter of two states.
struct MovingValue {
  double value = 0, velocity = 0;
  double value_variance = 0, covariance = 0, velocity_variance = 0;

  /// `seconds` later; `jerkiness`: variance that the velocity gains per second.
  void advance(double seconds, double jerkiness);
  /// Takes in what was seen.
  void correct(double seen, double variance);
};

/// Where a face is and where it goes: centre and size in a Kalman filter whose time is in seconds, so that
/// frames need not be equally long apart. The aspect ratio is that of the last box that was seen: free, it
/// drifts. All uncertainty is relative to the size of the face.
class Motion {
 public:
  Motion(double time, const Box& seen, const Landmarks& landmarks);

  /// The face was seen. After a gap, the filter goes back to the last time it was, and along a straight line
  /// from there to here through the times in between (OC-SORT's re-update: Cao et al., CVPR 2023), so that
  /// what it believed while it saw nothing is forgotten.
  void see(double time, const Box& box, const Landmarks& landmarks);
  /// The face was not seen.
  void miss(double time);

  /// Where the face should be at `time`, which is not before the last one.
  Box box_at(double time) const;
  Landmarks landmarks_at(double time) const;
  /// Standard deviation of the centre at `time`, in pixels.
  double doubt_at(double time) const;
  /// Pixels per second, from what was seen in the last fraction of a second; 0 if that is one place.
  Point heading() const;

  double last_seen() const { return seen_time_; }
  const Box& last_box() const { return seen_box_; }
  Landmarks last_landmarks() const { return landmarks_in(seen_box_); }

 private:
  struct State {
    double time = 0;
    MovingValue x = {}, y = {}, log_size = {};

    void advance(double time);
    void correct(Point centre, double size);
  };
  struct Place {
    double time;
    Point centre;
  };

  State at(double time) const;
  Landmarks landmarks_in(const Box& box) const;
  void remember(double time, const Box& box, const Landmarks& landmarks);

  State state_, seen_state_;
  double seen_time_ = 0;
  Box seen_box_;
  Landmarks shape_ = {};  ///< landmarks relative to the centre, in sizes
  std::vector<double> missed_;
  std::vector<Place> places_;
};

/// The square root of a box' area.
double size_of(const Box& box);
Point centre_of(const Box& box);

}  // namespace regard

#include "regard/track/association.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace regard {
namespace {

// A face is where its track expects it if the boxes overlap by this much (intersection over union), or if
// the landmarks are this far off at most, in distances between the eyes; and that plus the track's doubt.
constexpr float kOverlap = .3f;
constexpr double kReach = 1, kFarthestReach = 2.5;
// The largest ratio of two sizes of one face, as a logarithm.
constexpr double kGrowth = .5;
// The share of the direction (OC-SORT), and from which speed on a track has one, in sizes per second.
constexpr double kDirectionWeight = .2, kSlow = .5;

double distance(Point a, Point b) {
  return std::hypot(a.x - b.x, a.y - b.y);
}

double mean_distance(const Landmarks& a, const Landmarks& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += distance(a[i], b[i]);
  return sum / static_cast<double>(a.size());
}

/// The angle between where a track went and where the face lies from its last place, as a share of 180
/// degrees; 0 where either is hardly a direction.
double turn(const Motion& track, const Detection& face) {
  const Point heading = track.heading();
  const Point from = centre_of(track.last_box()), to = centre_of(face.box);
  const Point way{to.x - from.x, to.y - from.y};
  const double size = size_of(track.last_box()), speed = std::hypot(heading.x, heading.y);
  const double length = std::hypot(way.x, way.y);
  if (speed < kSlow * size || length < .1 * size) return 0;
  const double cosine = (heading.x * way.x + heading.y * way.y) / (speed * length);
  return std::acos(std::clamp(cosine, -1., 1.)) / M_PI;
}

/// How far a face is from where it is expected, 0 to 1; infinite if it is out of reach (in distances between
/// the eyes) or has another size.
double misfit(const Motion& track, const Detection& face, const Box& box, const Landmarks& landmarks,
              double reach) {
  constexpr double kNever = std::numeric_limits<double>::infinity();
  if (std::abs(std::log(size_of(face.box) / size_of(track.last_box()))) > kGrowth) return kNever;
  reach = std::min(kFarthestReach, reach);
  const double off = mean_distance(landmarks, face.landmarks) / eye_distance(face.landmarks);
  const float overlap = intersection_over_union(box, face.box);
  if (overlap < kOverlap && off > reach) return kNever;
  return .5 * (1 - overlap) + .5 * std::min(1., off / reach);
}

}  // namespace

double eye_distance(const Landmarks& l) {
  const Point eyes{(l[0].x + l[1].x) / 2, (l[0].y + l[1].y) / 2};
  const Point mouth{(l[3].x + l[4].x) / 2, (l[3].y + l[4].y) / 2};
  return std::max({distance(l[0], l[1]), distance(eyes, mouth), 1.});
}

double mismatch(const Motion& track, const Detection& face, double time) {
  const double reach = kReach + track.doubt_at(time) / eye_distance(face.landmarks);
  return misfit(track, face, track.box_at(time), track.landmarks_at(time), reach) +
         kDirectionWeight * turn(track, face);
}

double mismatch_in_place(const Motion& track, const Detection& face) {
  return misfit(track, face, track.last_box(), track.last_landmarks(), kReach);
}

}  // namespace regard

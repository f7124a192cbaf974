#pragma once

#include "regard/face/detector.h"
#include "regard/track/motion.h"

namespace regard {

/// How little a detection is what a track leads one to expect at `time`, from overlap, landmarks and
/// direction: 0 for what is expected exactly, at most kWorstMatch; infinite if it cannot be the same face.
double mismatch(const Motion& track, const Detection& face, double time);

/// The same if the track stayed where it was last seen, for faces that turn back at once (OC-SORT's
/// recovery).
double mismatch_in_place(const Motion& track, const Detection& face);

inline constexpr double kWorstMatch = 1.2;

/// The distance between the eyes, or what it would be from the front: between eyes and mouth, if that is
/// more.
double eye_distance(const Landmarks& landmarks);

}  // namespace regard

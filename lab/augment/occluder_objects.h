#pragma once

#include <span>

#include "lab/augment/occluder.h"
#include "lab/augment/occluder_layers.h"

namespace regard {

/// An occluder that draws itself in the frame of the face (the middle between the eyes is the origin, their
/// distance the unit; the mouth lies at (0, 1), the chin near (0, 1.75)).
struct OccluderObject {
  OccluderKind kind;
  const char* name;
  Layers (*draw)(OccluderRandom& random);
};

/// Those of a kind; never empty.
std::span<const OccluderObject> occluder_objects(OccluderKind kind);

}  // namespace regard

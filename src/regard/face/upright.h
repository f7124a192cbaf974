#pragma once

#include <vector>

#include "regard/core/image.h"
#include "regard/face/detector.h"
#include "regard/face/head_pose.h"

namespace regard {

struct FoundFaces {
  std::vector<Detection> faces;     ///< best score first
  std::vector<HeadEstimate> poses;  ///< one for each face, in order
  int doubts = 0;                   ///< faces that were looked at in other directions
  int turns = 0;                    ///< how often the whole image was rotated
};

/// Finds faces whichever way up they are, and how their heads are turned.
///
/// A detector for upright faces is apt to see an upright face in one that is upside down, and a network that
/// places a mesh follows it. So a face is looked at in other directions where the detector is not sure of it,
/// where no mesh fits it, or where its landmarks and its mesh do not agree on its roll; the direction stays
/// that fits best. Where no face convinces, the whole image is turned by quarters and searched again. Upright
/// faces in good light pass at once.
///
/// `find` may be called from several threads at once.
class FaceFinder {
 public:
  /// Both must outlive it.
  FaceFinder(const Detector& detector, const HeadPoseEstimator& heads)
      : detector_(&detector), heads_(&heads) {}

  /// The faces of an image, of any roll in (-180, 180]. Throws as Detector::detect.
  FoundFaces find(ImageView image) const;

 private:
  const Detector* detector_;
  const HeadPoseEstimator* heads_;
};

/// What is left of a detection's score where the mesh's network is not sure (`presence`, 0 to 1) that it sees
/// a head: what it has beyond `min_score` shrinks with the doubt; 0 if there is no head at all.
float doubted_score(float score, float presence, float min_score);

}  // namespace regard

#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "regard/clip/identities.h"
#include "regard/pipeline/face.h"

namespace regard::python {

/// What a recognizer's results have in common.
struct Names {
  std::vector<std::string> labels;  ///< of the probabilities
  std::vector<std::string> views;   ///< that the network weights
};

/// The result for an image. All objects of Python that come from it share it.
struct Faces {
  std::shared_ptr<const ImageFaces> image = {};
  std::shared_ptr<const Names> names = {};
};

/// One of its faces.
struct FaceInImage {
  std::shared_ptr<const Face> face = {};
  std::shared_ptr<const Names> names = {};
};

/// A face of a clip, and whose it is.
struct FaceInClip : FaceInImage {
  FaceInClip(std::shared_ptr<const PersonFace> of_person, std::shared_ptr<const Names> known)
      : FaceInImage{{of_person, &of_person->face}, std::move(known)}, person(std::move(of_person)) {}

  std::shared_ptr<const PersonFace> person;
};

/// A frame of a clip.
struct FrameInClip {
  std::shared_ptr<const ClipFrame> frame = {};
  std::shared_ptr<const Names> names = {};
};

}  // namespace regard::python

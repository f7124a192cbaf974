#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "regard/clip/frames.h"
#include "regard/core/image.h"
#include "regard/face/detector.h"
#include "regard/pipeline/face.h"
#include "regard/pipeline/stages.h"
#include "regard/track/people.h"

namespace regard {

/// A frame with its faces, of whom nobody knows yet who they are.
struct RecognizedFrame {
  FrameStamp stamp = {};
  bool cut = false;
  int width = 0, height = 0;               ///< of the image; 0: nothing of it could be decoded
  std::vector<Detection> detections = {};  ///< as the tracker sees them
  std::vector<Face> faces = {};            ///< the same, in order
  std::vector<char> classified = {};       ///< whether the expression is of this frame, not of one before
  std::vector<Image> chips = {};           ///< for the faces' appearance
  std::map<std::size_t, std::vector<float>> appearances = {};  ///< those that the tracker has asked for
};

struct RecognitionOptions {
  int every = 1;      ///< the expression is recognised in every n-th frame of a group, and in the first one
  int max_faces = 0;  ///< the best ones of a frame; 0: all of them
};

/// The faces of a group of frames: a search in the first frame, and wherever a face is lost; in the others
/// the faces are followed. The network sees all faces of the group at once. A face whose expression is not
/// recognised has the probabilities of the frame before, and no views. Throws as Recognizer::recognize.
std::vector<RecognizedFrame> recognize_group(const Stages& stages, const FrameGroup& group,
                                             const RecognitionOptions& options = {});

}  // namespace regard

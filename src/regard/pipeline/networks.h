#pragma once

#include <functional>

#include "regard/engine/engine.h"
#include "regard/face/detector.h"
#include "regard/face/head_pose.h"
#include "regard/model/model.h"
#include "regard/pipeline/recognizer.h"

namespace regard {

/// All that takes long to make ready before the first image.
struct Networks {
  Model model;
  Detector detector;
  HeadPoseEstimator head_pose;
  Engine engine;
};

/// Makes the networks ready, those that find faces while `model` reads the model. Throws Error.
Networks load_networks(const std::function<Model()>& model, const RecognizerOptions& options);

}  // namespace regard

#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "regard/engine/engine.h"
#include "regard/face/detector.h"
#include "regard/face/head_pose.h"
#include "regard/face/upright.h"
#include "regard/model/model.h"
#include "regard/pipeline/face.h"
#include "regard/pipeline/networks.h"
#include "regard/pipeline/recognizer.h"
#include "regard/region/schemes.h"

namespace regard {

/// The chip of a face.
struct FaceChip {
  Image image = {};
  Landmarks landmarks = {};  ///< in fractions of the chip
};

/// The stages between a decoded image and its faces, used for recognition, explanation and measurements. All
/// const members are thread safe.
class Stages {
 public:
  Stages(Model model, const RecognizerOptions& options);
  /// The same with the model of a file, which is read while the other networks are made ready.
  Stages(const std::filesystem::path& model, const RecognizerOptions& options);

  /// The faces of an image, whichever way up they are, and their poses, best score first.
  FoundFaces find(ImageView image) const;
  /// The same faces in the next frame of a clip, in order; none if it is to be searched (face/follower.h).
  std::optional<FoundFaces> follow(ImageView image, const FoundFaces& before) const;
  /// Only those that the detector finds, without a look in other directions.
  std::vector<Detection> detect(ImageView image) const;

  /// One for each detection, in order, as are the chips.
  std::vector<HeadEstimate> estimate_poses(ImageView image, std::span<const Detection> detections) const;
  std::vector<HeadEstimate> estimate_poses(std::span<const HeadView> heads) const;
  std::vector<FaceChip> cut_chips(ImageView image, std::span<const Detection> detections) const;

  /// The network on chips, with calibrated output.
  Predictions predict(std::span<const FaceChip> chips) const;
  /// `landmarks`: as in Engine::predict.
  Predictions predict(std::span<const ImageView> chips, std::span<const Landmarks> landmarks) const;

  /// Assembles the results of all stages. `in_chips`: their landmarks in fractions of their chips.
  std::vector<Face> faces(std::span<const Detection> detections, std::span<const HeadEstimate> poses,
                          const Predictions& predictions, std::span<const Landmarks> in_chips) const;

  /// The stages after `find`, one after the other.
  std::vector<Face> recognize(ImageView image, std::span<const Detection> detections,
                              std::span<const HeadEstimate> poses) const;

  const Model& model() const { return model_; }
  const ModelInfo& info() const { return info_; }
  /// The names of the views that the network weights.
  const std::vector<std::string>& views() const { return views_; }

 private:
  explicit Stages(Networks networks);
  void add_views(const Predictions& predictions, std::size_t row, const Landmarks& in_chip, Face& face) const;

  Model model_;
  ModelInfo info_;
  Detector detector_;
  HeadPoseEstimator head_pose_;
  Engine engine_;
  std::vector<std::string> views_;
  std::optional<RegionOptions> regions_;  // where the views lie; none if the network says so of every face
};

}  // namespace regard

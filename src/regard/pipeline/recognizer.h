#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "regard/core/error.h"
#include "regard/core/geometry.h"
#include "regard/core/image.h"
#include "regard/engine/engine.h"
#include "regard/face/detector.h"

namespace regard {

/// One of the views of a face, and the weights that the network gives it.
struct FaceView {
  std::string name;              ///< "whole face", "top left", ...: left is the image's left
  std::array<Point, 4> corners;  ///< in the image's pixels, from the view's upper left corner clockwise
  float weight = 0;              ///< its share in the answer; those of a face's views sum to 1
  /// Self-attention and relation-attention of the view; none if the network does not have them.
  std::optional<float> self_attention = {}, relation_attention = {};
};

/// Everything that is known about a face.
struct Face {
  Box box;                           ///< in the image's pixels
  float score = 0;                   ///< confidence of the detector, (0, 1]
  Landmarks landmarks;               ///< left eye, right eye, nose, left and right mouth corner, in pixels
  HeadPose pose;                     ///< head pose, in degrees
  float pose_score = 0;              ///< confidence of the pose network that it sees a face, [0, 1]
  std::string expression;            ///< the most probable label
  std::vector<float> probabilities;  ///< of all labels, calibrated, in the order of Recognizer::labels()
  std::vector<FaceView> views = {};  ///< for networks that weight views, the whole face first
  float probability() const;         ///< of the expression
};

struct RecognizerOptions {
  DetectorOptions detector;
  EngineOptions engine;

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("detector", detector, "how faces are found");
    visit("engine", engine, "how the network is run");
  }
};

/// From an image to the expressions of its faces. All const members are thread safe; sharing one recognizer
/// between all threads is cheapest.
class Recognizer {
 public:
  /// `model`: a model file, or the name of a shipped model ("ferplus-mobilenet"); empty: the default one.
  /// Throws Error if it does not exist or is damaged.
  explicit Recognizer(const std::filesystem::path& model = {}, const RecognizerOptions& options = {});
  ~Recognizer();
  Recognizer(Recognizer&&) noexcept;
  Recognizer& operator=(Recognizer&&) noexcept;

  /// The faces of an image, highest score first; an empty list if there are none. Throws Error for an
  /// unreadable file or an empty image.
  std::vector<Face> recognize(const std::filesystem::path& image) const;
  std::vector<Face> recognize(ImageView image) const;

  /// Faces from another detector: one result per detection or box, in order.
  std::vector<Face> recognize(ImageView image, std::span<const Detection> faces) const;
  std::vector<Face> recognize(ImageView image, std::span<const Box> boxes) const;

  /// Chips of the model's size: one result each, with the whole chip as its box.
  std::vector<Face> recognize_chips(std::span<const ImageView> chips) const;

  const std::vector<std::string>& labels() const;
  /// The names of the views of a face; none if the network does not weight views.
  const std::vector<std::string>& views() const;
  /// Everything in the model file.
  const Model& model() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The folder of models that are known by name: $REGARD_MODELS, else the shipped ones, next to the installed
/// library or in the source tree.
std::filesystem::path models_folder();

/// The default model.
inline constexpr const char* kDefaultModel = "ferplus-ran";

/// The files of the models in that folder, sorted. Throws Error if the folder cannot be read.
std::vector<std::filesystem::path> known_models();

/// The face detector's network: in models_folder(), else the shipped one.
std::filesystem::path detector_file();

/// The face mesh network, for head poses; found in the same way.
std::filesystem::path face_mesh_file();

/// The sample photographs: next to models_folder(), else the shipped ones.
std::filesystem::path samples_folder();

/// The file of a model that is known by name, or the path itself; empty: the default model's file.
std::filesystem::path find_model(const std::filesystem::path& name_or_path);

}  // namespace regard

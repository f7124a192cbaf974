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

/// One of the parts of a face that a network looks at, and what it makes of it.
struct FaceView {
  std::string name;              ///< "whole face", "top left", ...: left is the image's left
  std::array<Point, 4> corners;  ///< in the image's pixels, from the view's upper left corner clockwise
  float weight = 0;              ///< its share in the answer; those of a face's views sum to 1
  /// What the network makes of it by itself, and of it beside all of the face; none where it does not ask.
  std::optional<float> self_attention = {}, relation_attention = {};
};

/// What is known of a face.
struct Face {
  Box box;                           ///< in the image's pixels
  float score = 0;                   ///< how sure the detector is that this is a face, (0, 1]
  Landmarks landmarks;               ///< left eye, right eye, nose, left and right mouth corner, in pixels
  HeadPose pose;                     ///< how the head is turned, in degrees
  float pose_score = 0;              ///< how sure the network behind the pose is that it sees a face, [0, 1]
  std::string expression;            ///< the most probable label
  std::vector<float> probabilities;  ///< of every label, calibrated, in the order of Recognizer::labels()
  std::vector<FaceView> views = {};  ///< of a network that weighs views, the whole face first
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

/// From an image to the expressions of its faces. All const members may be called from several threads at
/// once; one recognizer for all threads is the cheapest.
class Recognizer {
 public:
  /// `model`: a model file, or the name of a shipped model ("ferplus-mobilenet"); empty: the default one.
  /// Throws Error where there is none, or it is damaged.
  explicit Recognizer(const std::filesystem::path& model = {}, const RecognizerOptions& options = {});
  ~Recognizer();
  Recognizer(Recognizer&&) noexcept;
  Recognizer& operator=(Recognizer&&) noexcept;

  /// The faces of an image, best detection first; none is an empty list. Throws Error for an unreadable file
  /// or an empty image.
  std::vector<Face> recognize(const std::filesystem::path& image) const;
  std::vector<Face> recognize(ImageView image) const;

  /// Faces that somebody else has found: one result per detection or box, in order.
  std::vector<Face> recognize(ImageView image, std::span<const Detection> faces) const;
  std::vector<Face> recognize(ImageView image, std::span<const Box> boxes) const;

  /// Ready-made chips of the model's size: one result each, its box the whole chip.
  std::vector<Face> recognize_chips(std::span<const ImageView> chips) const;

  const std::vector<std::string>& labels() const;
  /// The names of every face's views; none where the network does not weigh views.
  const std::vector<std::string>& views() const;
  /// Everything that the model file says of itself.
  const Model& model() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The folder of models that are known by name: $REGARD_MODELS, else the shipped ones, which lie beside the
/// installed library, else in the source tree.
std::filesystem::path models_folder();

/// The shipped model that is taken where none is named.
inline constexpr const char* kDefaultModel = "ferplus-ran";

/// The files of the models in that folder, sorted. Throws Error where the folder cannot be read.
std::vector<std::filesystem::path> known_models();

/// The network that finds faces: in models_folder(), else among what is shipped.
std::filesystem::path detector_file();

/// The network that places a mesh on faces, for their pose; found in the same way.
std::filesystem::path face_mesh_file();

/// The sample photographs: beside models_folder(), else among what is shipped.
std::filesystem::path samples_folder();

/// The file of a known model's name, or the path itself where it is one; empty: the default model's file.
std::filesystem::path find_model(const std::filesystem::path& name_or_path);

}  // namespace regard

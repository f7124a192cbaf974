#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "regard/core/geometry.h"

/// The results of recognition. Each struct describes its fields once, in `visit`: name, value, help, whether
/// the table shows it. The JSON, the CSV, the table and the schema in the help text are derived from that
/// (regard/output), with the fields in this order.
namespace regard {

/// Whether the table shows a field of a face; JSON and CSV have them all.
enum class Shown { in_table, not_in_table };

/// One of the views of a face that a network weights.
struct FaceView {
  std::string name = {};
  std::array<Point, 4> corners = {};
  float weight = 0;
  std::optional<float> self_attention = {}, relation_attention = {};

  template <class Visitor>
  void visit(Visitor&& visit) const {
    visit("name", name, "whole face, top left, ...: left is the image's left");
    visit("weight", weight, "normalised weight in the prediction; the weights of a face sum to 1");
    visit("self_attention", self_attention, "of the region by itself, if the network has it");
    visit("relation_attention", relation_attention,
          "of the region given the whole face, if the network has it");
    visit("corners", corners, "in pixels of the image, clockwise from the view's upper left corner");
  }
};

/// A detected face.
struct Face {
  Box box = {};
  float score = 0;
  Landmarks landmarks = {};
  HeadPose pose = {};
  float pose_score = 0;
  std::string expression = {};
  std::vector<float> probabilities = {};  ///< in the order of Recognizer::labels()
  std::vector<FaceView> views = {};

  /// Of the expression; 0 if there are no probabilities.
  float probability() const;

  template <class Visitor>
  void visit(Visitor&& visit) const {
    visit("box", box, "in pixels of the image; may extend beyond it", Shown::in_table);
    visit("score", score, "the detector's confidence that this is a face, above 0 to 1", Shown::in_table);
    visit("landmarks", landmarks, "left eye, right eye, nose, left and right corner of the mouth, in pixels",
          Shown::not_in_table);
    visit("pose", pose, "head pose in degrees: yaw, pitch, roll", Shown::in_table);
    visit("pose_score", pose_score, "the pose network's confidence that it sees a face, 0 to 1",
          Shown::not_in_table);
    visit("expression", expression, "the most probable label", Shown::not_in_table);
    visit("probabilities", probabilities, "one per label, calibrated; they sum to 1", Shown::in_table);
    visit("views", views, "only from networks that weight regions of the face; the whole face first",
          Shown::in_table);
  }
};

/// An image with its faces.
struct ImageFaces {
  std::string file = {};
  int width = 0, height = 0;
  std::vector<Face> faces = {};

  template <class Visitor>
  void visit(Visitor&& visit) const {
    visit("file", file, "its name as given");
    visit("width", width, "in pixels");
    visit("height", height, "in pixels");
    visit("faces", faces, "sorted by score, the highest first; empty if there is no face");
  }
};

/// An image of many, each of which is accounted for: with its faces, or with the reason why there are none.
struct ImageResult : ImageFaces {
  std::optional<std::string> error = {};

  template <class Visitor>
  void visit(Visitor&& visit) const {
    ImageFaces::visit(visit);
    visit("error", error, "why there are no faces: \"no face\", or why the image could not be read");
  }
};

}  // namespace regard

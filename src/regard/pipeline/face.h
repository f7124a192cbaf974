#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "regard/core/geometry.h"

/// What is put out. Each struct describes itself once, in `visit`: from it come the JSON, the CSV, the table,
/// and the schema in the help text (regard/output), in this order and under these names.
namespace regard {

/// Where a field is shown besides JSON and CSV.
enum class Shown { in_table, not_in_table };

/// One of the regions of a face that a network weighs.
struct FaceView {
  std::string name = {};
  std::array<Point, 4> corners = {};
  float weight = 0;
  std::optional<float> self_attention = {}, relation_attention = {};

  template <class Visitor>
  void visit(Visitor&& visit) const {
    visit("name", name, "whole face, top left, ...: left is the image's left", Shown::in_table);
    visit("weight", weight, "its share of the prediction; those of a face's views sum to 1", Shown::in_table);
    visit("self_attention", self_attention, "what it counts for by itself, where the network has it",
          Shown::in_table);
    visit("relation_attention", relation_attention,
          "what it counts for beside the whole face, where the network has it", Shown::in_table);
    visit("corners", corners, "in the image's pixels, from the view's upper left corner clockwise",
          Shown::not_in_table);
  }
};

/// What is known of a face.
struct Face {
  Box box = {};
  float score = 0;
  Landmarks landmarks = {};
  HeadPose pose = {};
  float pose_score = 0;
  std::string expression = {};
  std::vector<float> probabilities = {};  ///< in the order of Recognizer::labels()
  std::vector<FaceView> views = {};

  /// Of the expression; 0 where there are no probabilities.
  float probability() const;

  template <class Visitor>
  void visit(Visitor&& visit) const {
    visit("box", box, "where it is, in the image's pixels; may reach beyond its edges", Shown::in_table);
    visit("score", score, "how sure the detector is that this is a face, above 0 to 1", Shown::in_table);
    visit("landmarks", landmarks, "left eye, right eye, nose, left and right corner of the mouth, in pixels",
          Shown::not_in_table);
    visit("pose", pose, "how the head is turned, in degrees", Shown::in_table);
    visit("pose_score", pose_score, "how sure the network behind the pose is that it sees a face, 0 to 1",
          Shown::not_in_table);
    visit("expression", expression, "the most probable label", Shown::not_in_table);
    visit("probabilities", probabilities, "of every label, calibrated; they sum to 1", Shown::in_table);
    visit("views", views, "only of networks that weigh regions of the face, the whole face first",
          Shown::in_table);
  }
};

/// An image and its faces.
struct ImageFaces {
  std::string file = {};
  int width = 0, height = 0;
  std::vector<Face> faces = {};

  template <class Visitor>
  void visit(Visitor&& visit) const {
    visit("file", file, "its name as it was given", Shown::in_table);
    visit("width", width, "in pixels", Shown::not_in_table);
    visit("height", height, "in pixels", Shown::not_in_table);
    visit("faces", faces, "best detection first; no face is an empty list", Shown::in_table);
  }
};

}  // namespace regard

#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "regard/pipeline/face.h"

namespace regard {

/// A face as a row of cells, for every kind of table: what a field becomes follows from its type. Calls
/// `cell(name, value)` for texts and whole numbers, and `cell(name, value, decimals)` for other numbers, none
/// for one that the face lacks; `decimals` is the precision that text needs. `labels` and `views`, of the
/// recognizer, decide which cells there are, whatever the face has.
template <class Cell>
class FaceCells {
 public:
  using Names = std::vector<std::string>;

  FaceCells(const Names& labels, const Names& views, Cell& cell)
      : labels_(labels), views_(views), cell_(cell) {}

  void add(const Face& face) { put_fields(face); }

  /// The image's cells, the number of the face (`index` + 1) and those of the face. An image without faces
  /// has 0 as its number, and lacks all numbers of a face. `Image`: ImageFaces, or one with more fields.
  template <class Image>
  void add(const Image& image, std::size_t index) {
    index_ = index;
    put_fields(image);
  }

 private:
  using Number = std::optional<float>;
  static constexpr int kPlaceDecimals = 2, kShareDecimals = 6;  // pixels and degrees; scores, probabilities

  template <class Described>
  void put_fields(const Described& described) {
    described.visit([&](const char* name, const auto& value, auto...) { put(name, value); });
  }

  void place(const std::string& name, float value) { put_number(name, value, kPlaceDecimals); }
  void share(const std::string& name, Number value) { put_number(name, value, kShareDecimals); }
  void put_number(const std::string& name, Number value, int decimals) {
    cell_(name, has_face_ ? value : Number(), decimals);
  }

  void put(const char* name, int value) { cell_(name, value); }
  void put(const char* name, float value) { share(name, value); }
  void put(const char* name, const std::string& value) { cell_(name, value); }
  void put(const char* name, const std::optional<std::string>& value) { put(name, value.value_or("")); }
  void put(const char*, const Box& box) {
    place("x", box.x), place("y", box.y), place("w", box.width), place("h", box.height);
  }
  void put(const char*, const HeadPose& pose) {
    place("yaw", pose.yaw), place("pitch", pose.pitch), place("roll", pose.roll);
  }
  void put(const char*, const Landmarks& landmarks) {
    constexpr std::array kLandmarks{"left_eye", "right_eye", "nose", "mouth_left", "mouth_right"};
    for (std::size_t i = 0; i < landmarks.size(); ++i) {
      const std::string name = kLandmarks[i];
      place(name + "_x", landmarks[i].x), place(name + "_y", landmarks[i].y);
    }
  }
  void put(const char*, const std::vector<float>& values) {
    for (std::size_t i = 0; i < labels_.size(); ++i)
      share(labels_[i], i < values.size() ? Number(values[i]) : Number());
  }
  void put(const char*, const std::vector<FaceView>& views) {
    for (std::size_t i = 0; i < views_.size(); ++i)
      share("weight of " + views_[i], i < views.size() ? Number(views[i].weight) : Number());
  }
  void put(const char*, const std::vector<Face>& faces) {
    has_face_ = !faces.empty();
    put("face", has_face_ ? static_cast<int>(index_) + 1 : 0);
    put_fields(has_face_ ? faces[index_] : Face{});
    has_face_ = true;
  }

  const Names &labels_, &views_;
  Cell& cell_;
  std::size_t index_ = 0;
  bool has_face_ = true;
};

}  // namespace regard

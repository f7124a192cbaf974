#include "regard/output/face_columns.h"

#include <array>
#include <limits>
#include <utility>

namespace regard {
namespace {

using Names = std::vector<std::string>;

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

/// Appends faces to columns. What a field becomes follows from its type, as in the CSV (face_csv.cpp).
class FaceRows {
 public:
  FaceRows(const Names& labels, const Names& views) : labels_(labels), views_(views) {
    add({.faces = {Face{}}}, 0);  // a row of every column; only these are kept
    for (auto& column : columns_) std::visit([](auto& values) { values.clear(); }, column.values);
  }

  void add(const ImageFaces& image, std::size_t face) {
    next_ = 0, face_ = face;
    cells(image);
  }

  std::vector<FaceColumn> take() { return std::move(columns_); }

 private:
  template <class Described>
  void cells(const Described& described) {
    described.visit([&](const char* name, const auto& value, auto...) { put(name, value); });
  }

  /// The next cell of the row; in the first row it makes its column.
  template <class Value>
  void cell(const std::string& name, Value value) {
    if (next_ == columns_.size()) columns_.push_back({name, std::vector<Value>()});
    std::get<std::vector<Value>>(columns_.at(next_++).values).push_back(std::move(value));
  }

  void put(const char* name, int value) { cell<std::int32_t>(name, value); }
  void put(const char* name, float value) { cell(name, value); }
  void put(const char* name, const std::string& value) { cell(name, value); }
  void put(const char*, const Box& box) {
    cell("x", box.x), cell("y", box.y), cell("w", box.width), cell("h", box.height);
  }
  void put(const char*, const HeadPose& pose) {
    cell("yaw", pose.yaw), cell("pitch", pose.pitch), cell("roll", pose.roll);
  }
  void put(const char*, const Landmarks& landmarks) {
    for (std::size_t i = 0; i < landmarks.size(); ++i) {
      const std::string place = kLandmarkNames[i];
      cell(place + "_x", landmarks[i].x), cell(place + "_y", landmarks[i].y);
    }
  }
  void put(const char*, const std::vector<float>& values) {
    for (std::size_t i = 0; i < labels_.size(); ++i)
      cell(labels_[i], i < values.size() ? values[i] : kMissing);
  }
  void put(const char*, const std::vector<FaceView>& views) {
    for (std::size_t i = 0; i < views_.size(); ++i)
      cell("weight of " + views_[i], i < views.size() ? views[i].weight : kMissing);
  }
  void put(const char*, const std::vector<Face>& faces) {
    put("face", static_cast<int>(face_) + 1);
    cells(faces[face_]);
  }

  const Names &labels_, &views_;
  std::vector<FaceColumn> columns_;
  std::size_t next_ = 0, face_ = 0;
};

}  // namespace

std::vector<FaceColumn> face_columns(std::span<const ImageFaces* const> images, const Names& labels,
                                     const Names& views) {
  FaceRows rows(labels, views);
  for (const ImageFaces* image : images)
    for (std::size_t i = 0; i < image->faces.size(); ++i) rows.add(*image, i);
  return rows.take();
}

}  // namespace regard

#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "regard/core/json.h"
#include "regard/output/face_json.h"
#include "regard/pipeline/face.h"

namespace regard {

/// The fields that a struct describes in `visit`, as a JSON object, each in the form of its type.
class JsonFields {
 public:
  explicit JsonFields(const std::vector<std::string>& labels) : labels_(labels) {}

  // Dividing an integer prints the short decimal.
  static double hundredths(double value) { return std::round(value * 100) / 100; }
  static double millionths(double value) { return std::round(value * 1e6) / 1e6; }

  template <class Described>
  Json object(const Described& described) const {
    Json json = Json::object();
    described.visit([&](const char* name, const auto& value, auto...) {
      if (auto field = form(value)) json[name] = std::move(*field);
    });
    return json;
  }

 private:
  using Form = std::optional<Json>;  // none: the field is left out

  Form form(bool value) const { return value; }
  Form form(int value) const { return value; }
  Form form(float value) const { return millionths(value); }
  Form form(const std::string& value) const { return value; }
  template <class Value>
  Form form(const std::optional<Value>& value) const {
    return value ? form(*value) : Form();
  }
  Form form(const Box& box) const {
    return Json::array({hundredths(box.x), hundredths(box.y), hundredths(box.width), hundredths(box.height)});
  }
  Form form(const HeadPose& pose) const {
    return Json{
        {"yaw", hundredths(pose.yaw)}, {"pitch", hundredths(pose.pitch)}, {"roll", hundredths(pose.roll)}};
  }
  Form form(const std::vector<float>& values) const { return by_label(values, labels_); }
  template <std::size_t n>
  Form form(const std::array<Point, n>& points) const {
    Json list = Json::array();
    for (const auto& p : points) list.push_back({hundredths(p.x), hundredths(p.y)});
    return list;
  }
  Form form(const std::vector<FaceView>& views) const { return views.empty() ? Form() : list(views); }
  Form form(const std::vector<Face>& faces) const { return list(faces); }

  template <class Described>
  Json list(const std::vector<Described>& all) const {
    Json list = Json::array();
    for (const auto& one : all) list.push_back(object(one));
    return list;
  }

  const std::vector<std::string>& labels_;
};

}  // namespace regard

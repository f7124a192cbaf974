#include "regard/output/face_json.h"

#include <cmath>
#include <optional>

#include "regard/core/text.h"

namespace regard {
namespace {

// Dividing an integer prints the short decimal.
double hundredths(double value) {
  return std::round(value * 100) / 100;
}
double millionths(double value) {
  return std::round(value * 1e6) / 1e6;
}

/// The fields of a struct as a JSON object, each in the form of its type.
class JsonFields {
 public:
  explicit JsonFields(const std::vector<std::string>& labels) : labels_(labels) {}

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

template <class Described>
std::string schema_of(const Described& described);

// The placeholder of a value in the schema; empty for numbers and text.
template <class Value>
std::string schema(const Value&) {
  return "";
}
std::string schema(const Box&) {
  return ": [x, y, w, h]";
}
std::string schema(const HeadPose&) {
  return R"(: {"yaw", "pitch", "roll"})";
}
std::string schema(const std::vector<float>&) {
  return ": {label: p}";
}
template <std::size_t n>
std::string schema(const std::array<Point, n>&) {
  return formatted(": [[x, y] x %zu]", n);
}
std::string schema(const std::vector<FaceView>&) {
  return ": [" + schema_of(FaceView{}) + "]";
}
std::string schema(const std::vector<Face>&) {
  return ": [" + schema_of(Face{}) + "]";
}

template <class Described>
std::string schema_of(const Described& described) {
  std::vector<std::string> fields;
  described.visit([&](const char* name, const auto& value, auto...) {
    fields.push_back('"' + std::string(name) + '"' + schema(value));
  });
  return "{" + join(fields) + "}";
}

template <class Described>
std::string help_of(const Described& described) {
  std::string lines;
  described.visit([&](const char* name, const auto&, const char* help, auto...) {
    lines += formatted("  %-18s  %s\n", name, help);
  });
  return lines;
}

}  // namespace

Json by_label(std::span<const float> values, const std::vector<std::string>& labels) {
  Json json = Json::object();
  for (std::size_t i = 0; i < labels.size(); ++i) json[labels[i]] = millionths(values[i]);
  return json;
}

Json to_json(const Face& face, const std::vector<std::string>& labels) {
  return JsonFields(labels).object(face);
}

Json to_json(const ImageFaces& image, const std::vector<std::string>& labels) {
  return JsonFields(labels).object(image);
}

Json to_json(const ImageResult& image, const std::vector<std::string>& labels) {
  return JsonFields(labels).object(image);
}

std::string json_schema() {
  return schema_of(ImageFaces{});
}

std::string field_help() {
  return help_of(Face{}) + "\nFields of a view:\n" + help_of(FaceView{});
}

}  // namespace regard

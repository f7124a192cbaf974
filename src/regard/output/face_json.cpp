#include "regard/output/face_json.h"

#include "regard/core/text.h"
#include "regard/output/json_fields.h"

namespace regard {
namespace {

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
  for (std::size_t i = 0; i < labels.size(); ++i) json[labels[i]] = JsonFields::millionths(values[i]);
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

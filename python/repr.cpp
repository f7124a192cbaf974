#include "repr.h"

#include "regard/core/text.h"

namespace regard::python {
namespace {

std::string quoted(const std::string& text) {
  return "'" + text + "'";
}

// A field by its type; nothing if it is too long.
std::string field(const char* name, float value) {
  return formatted("%s=%.2f", name, value);
}
std::string field(const char* name, int value) {
  return formatted("%s=%d", name, value);
}
std::string field(const char* name, const Box& box) {
  return formatted("%s=(%.1f, %.1f, %.1f, %.1f)", name, box.x, box.y, box.width, box.height);
}
std::string field(const char* name, const HeadPose& pose) {
  return formatted("%s=(%.1f, %.1f, %.1f)", name, pose.yaw, pose.pitch, pose.roll);
}
template <class Value>
std::string field(const char*, const Value&) {
  return "";
}

/// What was said, then the fields.
template <class Described>
std::string with_fields(std::string said, const Described& described) {
  described.visit([&](const char* name, const auto& value, const char*, Shown shown = Shown::in_table) {
    const auto text = field(name, value);
    if (shown == Shown::in_table && !text.empty()) said += ", " + text;
  });
  return said;
}

}  // namespace

std::string repr(const FaceView& view) {
  return with_fields("FaceView(" + quoted(view.name), view) + ")";
}

std::string repr(const Face& face) {
  const auto first = "Face(" + quoted(face.expression) + formatted(", probability=%.2f", face.probability());
  return with_fields(first, face) + ")";
}

std::string repr(const ImageFaces& image) {
  std::vector<std::string> faces;
  for (const Face& face : image.faces) faces.push_back(repr(face));
  return with_fields("Faces(" + quoted(image.file), image) + ", [" + join(faces) + "])";
}

}  // namespace regard::python

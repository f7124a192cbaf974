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
std::string field(const char*, bool) {
  return "";
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

std::string expression_of(const Face& face) {
  return quoted(face.expression) + formatted(", probability=%.2f", face.probability());
}

template <class One>
std::string list_of(const std::vector<One>& faces) {
  std::vector<std::string> said;
  for (const One& face : faces) said.push_back(repr(face));
  return join(said);
}

}  // namespace

std::string repr(const FaceView& view) {
  return with_fields("FaceView(" + quoted(view.name), view) + ")";
}

std::string repr(const Face& face) {
  return with_fields("Face(" + expression_of(face), face) + ")";
}

std::string repr(const PersonFace& face) {
  return with_fields("PersonFace(" + expression_of(face.face), face) + ")";
}

std::string repr(const ClipFrame& frame) {
  return formatted("Frame(frame=%lld, timestamp=%.3f, [", static_cast<long long>(frame.stamp.number + 1),
                   frame.stamp.seconds) +
         list_of(frame.faces) + "])";
}

std::string repr(const ImageFaces& image) {
  return with_fields("Faces(" + quoted(image.file), image) + ", [" + list_of(image.faces) + "])";
}

}  // namespace regard::python

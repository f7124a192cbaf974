#include "regard/clip/clip_writer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "regard/core/csv.h"
#include "regard/core/table.h"
#include "regard/core/text.h"
#include "regard/output/face_csv.h"
#include "regard/output/face_json.h"
#include "regard/output/json_fields.h"

namespace regard {
namespace {

/// One row per face and frame, with the columns of OpenFace first; a frame without faces has a row as well.
class CsvClipWriter : public ClipWriter {
 public:
  explicit CsvClipWriter(ClipWriterOptions options)
      : options_(std::move(options.face)), baseline_(options.baseline) {}

  std::string header() const override {
    std::string line =
        "frame,face_id,timestamp,confidence,success,pose_Rx,pose_Ry,pose_Rz,damaged,cut,classified" +
        face_column_names(options_);
    line += label_names("smoothed ");
    return line + (baseline_ ? label_names("baseline-corrected ") : "") + "\n";
  }

  std::string text(const ClipFrame& frame) override {
    if (frame.faces.empty()) return empty_row(frame);
    std::string rows;
    for (const auto& face : frame.faces) rows += row(frame, face);
    return rows;
  }

 private:
  static long long number(const ClipFrame& frame) { return frame.stamp.number + 1; }

  std::string label_names(const char* of) const {
    std::string names;
    for (const auto& label : options_.labels) names += "," + csv_field(of + label);
    return names;
  }

  std::string no_label_cells() const { return std::string(options_.labels.size(), ','); }

  std::string row(const ClipFrame& frame, const PersonFace& face) const {
    const auto angles = rotation_angles(face.face.pose);
    std::string line = formatted("%lld,%d,%.6f,%.6f,1,%.4f,%.4f,%.4f,%d,%d,%d", number(frame), face.person,
                                 frame.stamp.seconds, face.face.score, angles.x, angles.y, angles.z,
                                 frame.stamp.damaged, frame.cut, face.classified) +
                       face_cells(face.face, options_);
    for (const float value : face.smoothed) line += formatted(",%.6f", value);
    if (baseline_ && face.corrected.empty()) line += no_label_cells();
    for (const float value : face.corrected) line += formatted(",%.4f", value);
    return line + "\n";
  }

  std::string empty_row(const ClipFrame& frame) const {
    return formatted("%lld,,%.6f,0,0,,,,%d,%d,", number(frame), frame.stamp.seconds, frame.stamp.damaged,
                     frame.cut) +
           no_face_cells(options_) + no_label_cells() + (baseline_ ? no_label_cells() : "") + "\n";
  }

  FaceWriterOptions options_;
  bool baseline_;
};

/// One object per frame and line; the first one also says how it was made.
class JsonClipWriter : public ClipWriter {
 public:
  explicit JsonClipWriter(ClipWriterOptions options) : options_(std::move(options)) {}

  std::string text(const ClipFrame& frame) override {
    Json json = to_json(frame, options_.face.labels, options_.baseline);
    if (const auto method = std::exchange(options_.method, {}); !method.empty()) json["method"] = method;
    return json_shown(json) + "\n";
  }

 private:
  ClipWriterOptions options_;
};

template <class Writer>
std::unique_ptr<ClipWriter> make(ClipWriterOptions options) {
  return std::make_unique<Writer>(std::move(options));
}

constexpr std::array kClipFormats{
    ClipFormat{"csv", "a header, and a row per face and frame", make<CsvClipWriter>},
    ClipFormat{"jsonl", "one object per frame and line", make<JsonClipWriter>}};

}  // namespace

std::span<const ClipFormat> clip_formats() {
  return kClipFormats;
}

std::unique_ptr<ClipWriter> make_clip_writer(const std::string& format, ClipWriterOptions options) {
  return find_row(kClipFormats, format, "format").make(std::move(options));
}

Json to_json(const PersonFace& face, const std::vector<std::string>& labels, bool baseline) {
  Json json = JsonFields(labels).object(face);
  if (baseline)
    json["baseline_corrected"] = face.corrected.empty() ? Json() : by_label(face.corrected, labels);
  return json;
}

Json to_json(const ClipFrame& frame, const std::vector<std::string>& labels, bool baseline) {
  Json json{{"frame", frame.stamp.number + 1},
            {"timestamp", JsonFields::millionths(frame.stamp.seconds)},
            {"damaged", frame.stamp.damaged},
            {"cut", frame.cut},
            {"faces", Json::array()}};
  for (const auto& face : frame.faces) json["faces"].push_back(to_json(face, labels, baseline));
  return json;
}

RotationAngles rotation_angles(const HeadPose& pose) {
  constexpr double kRadians = M_PI / 180;
  // Ours is Rz(roll) Ry(-yaw) Rx(-pitch) of the same axes: yaw to the right and pitch up are negative there.
  const double a = -pose.pitch * kRadians, b = -pose.yaw * kRadians, c = pose.roll * kRadians;
  const double r00 = std::cos(c) * std::cos(b);
  const double r01 = std::cos(c) * std::sin(b) * std::sin(a) - std::sin(c) * std::cos(a);
  const double r02 = std::cos(c) * std::sin(b) * std::cos(a) + std::sin(c) * std::sin(a);
  const double r12 = std::sin(c) * std::sin(b) * std::cos(a) - std::cos(c) * std::sin(a);
  const double r22 = std::cos(b) * std::cos(a);
  return {.x = static_cast<float>(std::atan2(0 - r12, r22)),
          .y = static_cast<float>(std::asin(std::clamp(r02, -1., 1.))),
          .z = static_cast<float>(std::atan2(0 - r01, r00))};
}

}  // namespace regard

#include "regard/output/face_csv.h"

#include <algorithm>

#include "regard/core/csv.h"
#include "regard/core/text.h"
#include "regard/output/face_columns.h"
#include "regard/output/face_writer.h"

namespace regard {
namespace {

/// The names of the columns that a field takes, and its cells, each by the field's type.
class CsvColumns {
 public:
  explicit CsvColumns(const FaceWriterOptions& options) : options_(options) {}

  /// Of the struct's fields, each with a comma before it.
  template <class Described>
  std::string names(const Described& described) const {
    std::string line;
    described.visit([&](const char* name, const auto& value, auto...) { line += names_of(name, value); });
    return line;
  }

  template <class Described>
  std::string cells(const Described& described) const {
    std::string line;
    described.visit([&](const char*, const auto& value, auto...) { line += cells_of(value); });
    return line;
  }

 private:
  template <class Value>
  std::string names_of(const char* name, const Value&) const {
    return "," + std::string(name);
  }
  std::string names_of(const char*, const Box&) const { return ",x,y,w,h"; }
  std::string names_of(const char*, const HeadPose&) const { return ",yaw,pitch,roll"; }
  std::string names_of(const char*, const Landmarks&) const {
    std::string line;
    for (const auto* place : kLandmarkNames) line += formatted(",%s_x,%s_y", place, place);
    return line;
  }
  std::string names_of(const char*, const std::vector<float>&) const {
    std::string line;
    for (const auto& label : options_.labels) line += "," + csv_field(label);
    return line;
  }
  std::string names_of(const char*, const std::vector<FaceView>&) const {
    std::string line;
    for (const auto& view : options_.views) line += "," + csv_field("weight of " + view);
    return line;
  }
  // One line per face: the fields of its image, the number of the face, from 1, and its fields.
  std::string names_of(const char*, const std::vector<Face>&) const { return ",face" + names(Face{}); }

  std::string cells_of(int value) const { return formatted(",%d", value); }
  std::string cells_of(float value) const { return formatted(",%.6f", value); }
  std::string cells_of(const std::string& value) const { return "," + csv_field(value); }
  std::string cells_of(const Box& box) const {
    return formatted(",%.2f,%.2f,%.2f,%.2f", box.x, box.y, box.width, box.height);
  }
  std::string cells_of(const HeadPose& pose) const {
    return formatted(",%.2f,%.2f,%.2f", pose.yaw, pose.pitch, pose.roll);
  }
  std::string cells_of(const Landmarks& landmarks) const {
    std::string line;
    for (const auto& [x, y] : landmarks) line += formatted(",%.2f,%.2f", x, y);
    return line;
  }
  std::string cells_of(const std::vector<float>& values) const {
    if (values.empty()) return std::string(options_.labels.size(), ',');
    std::string line;
    for (const float value : values) line += cells_of(value);
    return line;
  }
  std::string cells_of(const std::vector<FaceView>& views) const {
    if (views.empty()) return std::string(options_.views.size(), ',');
    std::string line;
    for (const auto& view : views) line += cells_of(view.weight);
    return line;
  }
  std::string cells_of(const std::vector<Face>&) const { return ""; }

  const FaceWriterOptions& options_;
};

class CsvWriter : public FaceWriter {
 public:
  explicit CsvWriter(FaceWriterOptions options) : options_(std::move(options)) {}

  std::string header() const override { return columns_.names(ImageFaces{}).substr(1) + "\n"; }

  std::string text(const ImageFaces& image) const override {
    const std::string of_image = columns_.cells(image).substr(1);
    std::string lines;
    for (std::size_t i = 0; i < image.faces.size(); ++i)
      lines += of_image + formatted(",%zu", i + 1) + columns_.cells(image.faces[i]) + "\n";
    return lines;
  }

 private:
  FaceWriterOptions options_;
  CsvColumns columns_{options_};
};

}  // namespace

std::string face_column_names(const FaceWriterOptions& options) {
  return CsvColumns(options).names(Face{});
}

std::string face_cells(const Face& face, const FaceWriterOptions& options) {
  return CsvColumns(options).cells(face);
}

std::string no_face_cells(const FaceWriterOptions& options) {
  const std::string cells = face_cells({}, options);  // numbers, and an empty text
  return std::string(static_cast<std::size_t>(std::ranges::count(cells, ',')), ',');
}

std::unique_ptr<FaceWriter> make_csv_writer(FaceWriterOptions options) {
  return std::make_unique<CsvWriter>(std::move(options));
}

}  // namespace regard

#include "regard/output/face_writer.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "regard/core/json.h"
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

std::string formatted(const char* format, auto... values) {
  std::string text(std::snprintf(nullptr, 0, format, values...), '\0');
  std::snprintf(text.data(), text.size() + 1, format, values...);
  return text;
}

Json json_of(Point p) {
  return Json::array({hundredths(p.x), hundredths(p.y)});
}

Json json_of(const FaceView& view) {
  Json corners = Json::array();
  for (const auto& corner : view.corners) corners.push_back(json_of(corner));
  Json json{{"name", view.name}, {"weight", millionths(view.weight)}};
  if (view.self_attention) json["self_attention"] = millionths(*view.self_attention);
  if (view.relation_attention) json["relation_attention"] = millionths(*view.relation_attention);
  json["corners"] = std::move(corners);
  return json;
}

class JsonWriter : public FaceWriter {
 public:
  explicit JsonWriter(const std::vector<std::string>& labels) : labels_(labels) {}

  std::string text(const RecognizedImage& image) const override {
    Json faces = Json::array();
    for (const auto& face : image.faces) faces.push_back(to_json(face, labels_));
    return json_shown({{"file", image.file},
                       {"width", image.width},
                       {"height", image.height},
                       {"faces", std::move(faces)}}) +
           "\n";
  }

 private:
  const std::vector<std::string>& labels_;
};

class CsvWriter : public FaceWriter {
 public:
  CsvWriter(const std::vector<std::string>& labels, const std::vector<std::string>& views)
      : labels_(labels), views_(views) {}

  std::string header() const override {
    std::string line = "file,width,height,face,x,y,w,h,score";
    for (const auto* place : {"left_eye", "right_eye", "nose", "mouth_left", "mouth_right"})
      line += formatted(",%s_x,%s_y", place, place);
    line += ",yaw,pitch,roll,pose_score,expression";
    for (const auto& label : labels_) line += "," + csv_field(label);
    for (const auto& view : views_) line += "," + csv_field("weight of " + view);
    return line + "\n";
  }

  std::string text(const RecognizedImage& image) const override {
    std::string lines;
    for (std::size_t i = 0; i < image.faces.size(); ++i) {
      const auto& face = image.faces[i];
      const auto& box = face.box;
      lines +=
          csv_field(image.file) + formatted(",%d,%d,%zu,%.2f,%.2f,%.2f,%.2f,%.6f", image.width, image.height,
                                            i + 1, box.x, box.y, box.width, box.height, face.score);
      for (const auto& [x, y] : face.landmarks) lines += formatted(",%.2f,%.2f", x, y);
      lines +=
          formatted(",%.2f,%.2f,%.2f,%.6f", face.pose.yaw, face.pose.pitch, face.pose.roll, face.pose_score);
      lines += "," + csv_field(face.expression);
      for (const float p : face.probabilities) lines += formatted(",%.6f", p);
      for (const auto& view : face.views) lines += formatted(",%.6f", view.weight);
      lines += "\n";
    }
    return lines;
  }

 private:
  const std::vector<std::string>&labels_, &views_;
};

class TableWriter : public FaceWriter {
 public:
  TableWriter(const std::vector<std::string>& labels, std::size_t file_width)
      : labels_(labels), file_width_(std::clamp<std::size_t>(file_width, 7, 48)) {}

  std::string header() const override {
    return padded("image", file_width_) + "  face  x, y, width x height    score   yaw  expression\n";
  }

  std::string text(const RecognizedImage& image) const override {
    if (image.faces.empty()) return padded(image.file, file_width_) + "  no face\n";
    std::string lines;
    for (std::size_t i = 0; i < image.faces.size(); ++i) {
      const auto& face = image.faces[i];
      const auto whole = [](float v) { return static_cast<int>(std::lround(v)); };
      const std::string box = formatted("%d, %d, %d x %d", whole(face.box.x), whole(face.box.y),
                                        whole(face.box.width), whole(face.box.height));
      lines +=
          padded(i == 0 ? image.file : "", file_width_) +
          formatted("  %4zu  %-22s  %6.2f  %4d  ", i + 1, box.c_str(), face.score, whole(face.pose.yaw)) +
          answer(face) + "\n";
    }
    return lines;
  }

 private:
  // Long paths are cut at the beginning: names differ at the end.
  static std::string padded(std::string text, std::size_t width) {
    for (auto& c : text)
      if (static_cast<unsigned char>(c) < ' ') c = '?';
    if (text_width(text) > width) {
      while (text_width(text) > width - 3 || (text[0] & 0xC0) == 0x80) text.erase(0, 1);
      text.insert(0, "...");
    }
    return text + std::string(width - std::min(width, text_width(text)), ' ');
  }

  std::string answer(const Face& face) const {
    std::string text =
        formatted("%-10s %2.0f %%", face.expression.c_str(), std::min(99.f, 100 * face.probability()));
    std::size_t second = labels_.size();
    for (std::size_t i = 0; i < labels_.size(); ++i)
      if (labels_[i] != face.expression &&
          (second == labels_.size() || face.probabilities[i] > face.probabilities[second]))
        second = i;
    if (second < labels_.size() && face.probabilities[second] >= 0.1f)
      text += formatted(", or %s %.0f %%", labels_[second].c_str(), 100 * face.probabilities[second]);
    return text + most_telling(face);
  }

  // The region with the largest weight, other than the whole face.
  static std::string most_telling(const Face& face) {
    if (face.views.size() < 2) return "";
    const auto most = std::max_element(face.views.begin() + 1, face.views.end(),
                                       [](const auto& a, const auto& b) { return a.weight < b.weight; });
    return formatted("; largest weight:  %s, %.0f %%", most->name.c_str(), 100 * most->weight);
  }

  const std::vector<std::string>& labels_;
  std::size_t file_width_;
};

}  // namespace

Json by_label(std::span<const float> values, const std::vector<std::string>& labels) {
  Json json = Json::object();
  for (std::size_t i = 0; i < labels.size(); ++i) json[labels[i]] = millionths(values[i]);
  return json;
}

Json to_json(const Face& face, const std::vector<std::string>& labels) {
  Json landmarks = Json::array(), views = Json::array();
  for (const auto& landmark : face.landmarks) landmarks.push_back(json_of(landmark));
  for (const auto& view : face.views) views.push_back(json_of(view));
  const auto& box = face.box;
  Json json{{"box", Json::array({hundredths(box.x), hundredths(box.y), hundredths(box.width),
                                 hundredths(box.height)})},
            {"score", millionths(face.score)},
            {"landmarks", std::move(landmarks)},
            {"pose",
             {{"yaw", hundredths(face.pose.yaw)},
              {"pitch", hundredths(face.pose.pitch)},
              {"roll", hundredths(face.pose.roll)}}},
            {"pose_score", millionths(face.pose_score)},
            {"expression", face.expression},
            {"probabilities", by_label(face.probabilities, labels)}};
  if (!views.empty()) json["views"] = std::move(views);
  return json;
}

std::unique_ptr<FaceWriter> make_face_writer(const std::string& format, const Recognizer& recognizer,
                                             std::size_t file_width) {
  const auto& labels = recognizer.labels();
  if (format == "json") return std::make_unique<JsonWriter>(labels);
  if (format == "csv") return std::make_unique<CsvWriter>(labels, recognizer.views());
  if (format == "table") return std::make_unique<TableWriter>(labels, file_width);
  throw Error("unknown format", format, "table, json or csv");
}

}  // namespace regard

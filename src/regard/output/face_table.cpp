#include <algorithm>
#include <cmath>

#include "regard/core/text.h"
#include "regard/output/face_writer.h"

namespace regard {
namespace {

int whole(float value) {
  return static_cast<int>(std::lround(value));
}

/// In a column: at the left, or at the right; what is too long stays.
std::string left(const std::string& text, std::size_t width) {
  return text + std::string(width - std::min(width, text_width(text)), ' ');
}
std::string right(const std::string& text, std::size_t width) {
  return std::string(width - std::min(width, text_width(text)), ' ') + text;
}

/// Heading and cell of a field of a face, by its type.
class TableColumns {
 public:
  explicit TableColumns(const FaceWriterOptions& options) : options_(options) {}

  std::string headings() const {
    std::string line;
    Face{}.visit([&](const char* name, const auto& value, const char*, Shown shown) {
      if (shown == Shown::in_table) line += heading(name, value);
    });
    return line;
  }

  std::string cells(const Face& face) const {
    std::string line;
    face.visit([&](const char* name, const auto& value, const char*, Shown shown) {
      if (shown == Shown::in_table) line += cell(name, value);
    });
    return line;
  }

 private:
  static constexpr std::size_t kBox = 22, kNumber = 6, kAngle = 4;

  static std::string heading(const char*, const Box&) { return "  " + left("x, y, width x height", kBox); }
  static std::string heading(const char* name, float) { return "  " + right(name, kNumber); }
  static std::string heading(const char*, const HeadPose&) { return "  " + right("yaw", kAngle); }
  static std::string heading(const char*, const std::vector<float>&) { return "  expression"; }
  static std::string heading(const char* name, const std::string&) { return "  " + std::string(name); }
  static std::string heading(const char*, const std::vector<FaceView>&) { return ""; }
  static std::string heading(const char*, const Landmarks&) { return ""; }

  std::string cell(const char*, const Box& box) const {
    const auto text =
        formatted("%d, %d, %d x %d", whole(box.x), whole(box.y), whole(box.width), whole(box.height));
    return "  " + left(text, kBox);
  }
  std::string cell(const char* name, float value) const {
    return "  " + right(formatted("%.2f", value), std::max(kNumber, text_width(name)));
  }
  std::string cell(const char*, const HeadPose& pose) const {
    return "  " + right(std::to_string(whole(pose.yaw)), kAngle);
  }
  std::string cell(const char* name, const std::string& text) const {
    return "  " + left(text, text_width(name));
  }
  std::string cell(const char*, const Landmarks&) const { return ""; }

  /// The most probable label, and the second one if it has at least .1.
  std::string cell(const char*, const std::vector<float>& probabilities) const {
    std::vector<std::size_t> order(probabilities.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::stable_sort(order, std::greater{}, [&](std::size_t i) { return probabilities[i]; });
    if (order.empty()) return "  ";
    const auto shown = [&](std::size_t i) { return 100 * probabilities[i]; };
    std::string text =
        formatted("  %-10s %2.0f %%", options_.labels[order[0]].c_str(), std::min(99.f, shown(order[0])));
    if (order.size() > 1 && probabilities[order[1]] >= .1f)
      text += formatted(", or %s %.0f %%", options_.labels[order[1]].c_str(), shown(order[1]));
    return text;
  }

  /// The region with the largest weight, other than the whole face.
  std::string cell(const char*, const std::vector<FaceView>& views) const {
    if (views.size() < 2) return "";
    const auto most = std::max_element(views.begin() + 1, views.end(),
                                       [](const auto& a, const auto& b) { return a.weight < b.weight; });
    return formatted("; largest weight:  %s, %.0f %%", most->name.c_str(), 100 * most->weight);
  }

  const FaceWriterOptions& options_;
};

class TableWriter : public FaceWriter {
 public:
  explicit TableWriter(FaceWriterOptions options) : options_(std::move(options)) {
    options_.file_width = std::clamp<std::size_t>(options_.file_width, 7, 48);
  }

  std::string header() const override {
    return left("image", options_.file_width) + "  face" + columns_.headings() + "\n";
  }

  std::string text(const ImageFaces& image) const override {
    if (image.faces.empty()) return file_column(image.file) + "  no face\n";
    std::string lines;
    for (std::size_t i = 0; i < image.faces.size(); ++i)
      lines += file_column(i == 0 ? image.file : "") + formatted("  %4zu", i + 1) +
               columns_.cells(image.faces[i]) + "\n";
    return lines;
  }

 private:
  // Long paths are cut at the beginning: names differ at the end.
  std::string file_column(std::string text) const {
    const std::size_t width = options_.file_width;
    for (auto& c : text)
      if (static_cast<unsigned char>(c) < ' ') c = '?';
    if (text_width(text) > width) {
      while (text_width(text) > width - 3 || (text[0] & 0xC0) == 0x80) text.erase(0, 1);
      text.insert(0, "...");
    }
    return left(text, width);
  }

  FaceWriterOptions options_;
  TableColumns columns_{options_};
};

}  // namespace

std::unique_ptr<FaceWriter> make_table_writer(FaceWriterOptions options) {
  return std::make_unique<TableWriter>(std::move(options));
}

}  // namespace regard

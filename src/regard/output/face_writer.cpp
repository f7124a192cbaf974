#include "regard/output/face_writer.h"

#include <array>

#include "regard/core/text.h"
#include "regard/output/face_json.h"

namespace regard {
namespace {

constexpr std::array kFormats{FaceFormat{"table", "for people", make_table_writer},
                              FaceFormat{"json", "one object per image and line", make_json_writer},
                              FaceFormat{"csv", "a header, and one line per face", make_csv_writer}};

class JsonWriter : public FaceWriter {
 public:
  explicit JsonWriter(FaceWriterOptions options) : options_(std::move(options)) {}

  std::string text(const ImageFaces& image) const override {
    return json_shown(to_json(image, options_.labels)) + "\n";
  }

 private:
  FaceWriterOptions options_;
};

}  // namespace

std::unique_ptr<FaceWriter> make_json_writer(FaceWriterOptions options) {
  return std::make_unique<JsonWriter>(std::move(options));
}

std::span<const FaceFormat> face_formats() {
  return kFormats;
}

std::unique_ptr<FaceWriter> make_face_writer(const std::string& format, FaceWriterOptions options) {
  std::vector<std::string> names;
  for (const auto& known : kFormats) {
    if (known.name == format) return known.make(std::move(options));
    names.emplace_back(known.name);
  }
  throw Error("unknown format", format, join(names));
}

}  // namespace regard

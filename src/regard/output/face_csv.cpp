#include "regard/output/face_csv.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "regard/core/csv.h"
#include "regard/core/text.h"
#include "regard/output/face_cells.h"
#include "regard/output/face_writer.h"

namespace regard {
namespace {

struct CsvNames {
  std::string line = {};  ///< with a comma before each name

  void operator()(const std::string& name, const auto&...) { line += "," + csv_field(name); }
};

struct CsvCells {
  std::string line = {};  ///< with a comma before each cell

  void operator()(const std::string&, int value) { line += formatted(",%d", value); }
  void operator()(const std::string&, const std::string& text) { line += "," + csv_field(text); }
  void operator()(const std::string&, std::optional<float> value, int decimals) {
    line += value ? formatted(",%.*f", decimals, *value) : ",";
  }
};

/// `row`: a face, or an image and the index of one of its faces.
template <class Cells>
std::string line_of(const FaceWriterOptions& options, const auto&... row) {
  Cells cells;
  FaceCells(options.labels, options.views, cells).add(row...);
  return std::move(cells.line);
}

class CsvWriter : public FaceWriter {
 public:
  explicit CsvWriter(FaceWriterOptions options) : options_(std::move(options)) {}

  std::string header() const override {
    return line_of<CsvNames>(options_, ImageFaces{.faces = {Face{}}}, 0).substr(1) + "\n";
  }

  std::string text(const ImageFaces& image) const override {
    std::string lines;
    for (std::size_t i = 0; i < image.faces.size(); ++i)
      lines += line_of<CsvCells>(options_, image, i).substr(1) + "\n";
    return lines;
  }

 private:
  FaceWriterOptions options_;
};

}  // namespace

std::string face_column_names(const FaceWriterOptions& options) {
  return line_of<CsvNames>(options, Face{});
}

std::string face_cells(const Face& face, const FaceWriterOptions& options) {
  return line_of<CsvCells>(options, face);
}

std::string no_face_cells(const FaceWriterOptions& options) {
  const std::string cells = face_cells(Face{}, options);  // numbers, and an empty text
  return std::string(static_cast<std::size_t>(std::ranges::count(cells, ',')), ',');
}

std::string result_header(const FaceWriterOptions& options) {
  return line_of<CsvNames>(options, ImageResult{}, 0).substr(1) + "\n";
}

std::string result_rows(const ImageResult& image, const FaceWriterOptions& options) {
  std::string lines;
  for (std::size_t i = 0; i < std::max<std::size_t>(1, image.faces.size()); ++i)
    lines += line_of<CsvCells>(options, image, i).substr(1) + "\n";
  return lines;
}

std::unique_ptr<FaceWriter> make_csv_writer(FaceWriterOptions options) {
  return std::make_unique<CsvWriter>(std::move(options));
}

}  // namespace regard

#include "regard/output/face_columns.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "regard/output/face_cells.h"

namespace regard {
namespace {

using Names = std::vector<std::string>;

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

/// Appends a row's cells to columns, which the first row makes.
class Columns {
 public:
  void begin_row() { next_ = 0; }
  void clear_rows() {
    for (auto& column : columns_) std::visit([](auto& values) { values.clear(); }, column.values);
  }

  void operator()(const std::string& name, int value) { append<std::int32_t>(name, value); }
  void operator()(const std::string& name, const std::string& value) { append(name, value); }
  void operator()(const std::string& name, std::optional<float> value, int) {
    append(name, value.value_or(kMissing));
  }

  std::vector<FaceColumn> take() { return std::move(columns_); }

 private:
  template <class Value>
  void append(const std::string& name, Value value) {
    if (next_ == columns_.size()) columns_.push_back({name, std::vector<Value>()});
    std::get<std::vector<Value>>(columns_.at(next_++).values).push_back(std::move(value));
  }

  std::vector<FaceColumn> columns_;
  std::size_t next_ = 0;
};

/// `Image`: of which a row is made, so that every column is there; only the columns are kept.
template <class Image>
class Table {
 public:
  Table(const Names& labels, const Names& views) : cells_(labels, views, columns_) {
    cells_.add(Image(), 0);
    columns_.clear_rows();
  }

  void add(const Image& image, std::size_t rows) {
    for (std::size_t i = 0; i < rows; ++i) columns_.begin_row(), cells_.add(image, i);
  }

  std::vector<FaceColumn> take() { return columns_.take(); }

 private:
  Columns columns_;
  FaceCells<Columns> cells_;
};

}  // namespace

std::vector<FaceColumn> face_columns(std::span<const ImageFaces* const> images, const Names& labels,
                                     const Names& views) {
  Table<ImageFaces> table(labels, views);
  for (const ImageFaces* image : images) table.add(*image, image->faces.size());
  return table.take();
}

std::vector<FaceColumn> result_columns(std::span<const ImageResult> images, const Names& labels,
                                       const Names& views) {
  Table<ImageResult> table(labels, views);
  for (const auto& image : images) table.add(image, std::max<std::size_t>(1, image.faces.size()));
  return table.take();
}

}  // namespace regard

#include "regard/output/face_columns.h"

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

}  // namespace

std::vector<FaceColumn> face_columns(std::span<const ImageFaces* const> images, const Names& labels,
                                     const Names& views) {
  Columns columns;
  FaceCells cells(labels, views, columns);
  cells.add({.faces = {Face{}}}, 0);  // a row of every column; only these are kept
  columns.clear_rows();
  for (const ImageFaces* image : images)
    for (std::size_t i = 0; i < image->faces.size(); ++i) columns.begin_row(), cells.add(*image, i);
  return columns.take();
}

}  // namespace regard

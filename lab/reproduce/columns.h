#pragma once

#include <string>
#include <vector>

#include "lab/reproduce/image_sets.h"

namespace regard {

/// A column of a table: a subset of the images.
struct Column {
  const char* name;   ///< in the tables' files
  const char* words;  ///< over a table's column
  const char* title;  ///< over a chart
  /// The threshold of its images: an angle in degrees, or a fraction of the images; 0 if there is none.
  double value = 0;
  /// The images of a set; throws Unavailable where there is nothing that tells which they are. None of
  /// columns that are about other things than images.
  ColumnImages (*find)(ImageSource& source, const ImagesKey& key, const Column& column) = nullptr;
};

/// All columns that there are.
const std::vector<Column>& table_columns();

/// Throws Error naming all if there is none of that name; `where` names the caller.
const Column& find_column(const std::string& name, const std::string& where);

}  // namespace regard

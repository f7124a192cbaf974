#pragma once

#include <string>

#include "regard/output/face_writer.h"
#include "regard/pipeline/face.h"

/// Parts of tables: the columns that a face takes, for tables that have others before them, and rows of
/// images.
namespace regard {

/// Their names, with a comma before each.
std::string face_column_names(const FaceWriterOptions& options);

/// A face's cells, with a comma before each; those of what it lacks are empty.
std::string face_cells(const Face& face, const FaceWriterOptions& options);

/// As many empty cells.
std::string no_face_cells(const FaceWriterOptions& options);

/// A table in which every image has a row for each of its faces or, if it has none, one that says why: the
/// header, and an image's rows, with their line ends.
std::string result_header(const FaceWriterOptions& options);
std::string result_rows(const ImageResult& image, const FaceWriterOptions& options);

}  // namespace regard

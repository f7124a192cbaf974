#pragma once

#include <string>

#include "regard/output/face_writer.h"
#include "regard/pipeline/face.h"

/// The columns that a face takes in a table, for tables that have others before them.
namespace regard {

/// Their names, with a comma before each.
std::string face_column_names(const FaceWriterOptions& options);

/// A face's cells, with a comma before each; those of what it lacks are empty.
std::string face_cells(const Face& face, const FaceWriterOptions& options);

/// As many empty cells.
std::string no_face_cells(const FaceWriterOptions& options);

}  // namespace regard

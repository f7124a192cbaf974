#pragma once

#include <memory>
#include <vector>

#include "regard/output/face_columns.h"

namespace regard::python {

/// The name of a capsule that holds a stream.
inline constexpr const char* kArrowStream = "arrow_array_stream";

/// Columns of equal length as an ArrowArrayStream of Arrow's C data interface: one batch, whose buffers are
/// the columns' own but for texts, which are joined. They live as long as anything that was taken from the
/// stream.
void* make_arrow_stream(std::shared_ptr<const std::vector<FaceColumn>> columns);

/// Releases the stream, unless its reader has done so, and frees it.
void release_arrow_stream(void* stream) noexcept;

}  // namespace regard::python

#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "regard/output/face_columns.h"

/// Tables of faces as Parquet. The writer is in a library of its own, libregard_parquet.so, which is loaded
/// when it is first used: it needs Arrow's libraries, 60 MB that nothing else here needs.
namespace regard {

/// Writes a Parquet file. What it writes depends on the rows alone: no times, no names.
class ParquetFile {
 public:
  virtual ~ParquetFile() = default;

  /// Adds rows, as a row group. An empty text and NaN become null. The first ones decide which columns there
  /// are. Texts are UTF-8. Throws Error if writing fails.
  virtual void add(const std::vector<FaceColumn>& columns) = 0;

  /// Adds the rows of another Parquet file, which is read whole. Throws Error if it cannot be read or has
  /// other columns.
  virtual void add_file(const std::filesystem::path& path) = 0;

  /// Writes what stands at the end of the file, without which it cannot be read.
  virtual void finish() = 0;
};

/// Takes the bytes of a file, in order.
using ParquetSink = std::function<void(std::span<const std::byte> bytes)>;

/// Throws Error if libregard_parquet.so or Arrow's libraries are missing, saying how to get them.
std::unique_ptr<ParquetFile> make_parquet_file(ParquetSink sink);

}  // namespace regard

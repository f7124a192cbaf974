#pragma once

#include "regard/parquet/parquet.h"

/// What libregard_parquet.so exports.
namespace regard {

/// Begins a file; the caller owns it.
using MakeParquetFile = ParquetFile* (*)(ParquetSink sink);

/// The name of that function in the library; it changes when ParquetFile does.
inline constexpr const char* kMakeParquetFile = "regard_make_parquet_file_1";

}  // namespace regard

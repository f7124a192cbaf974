#include "regard/parquet/module.h"

#include <utility>

#include "regard/core/module.h"

namespace regard {

std::unique_ptr<ParquetFile> make_parquet_file(ParquetSink sink) {
  static const auto make = reinterpret_cast<MakeParquetFile>(
      load_module({"libregard_parquet.so", kMakeParquetFile, "writes Parquet",
                   "a build with -DREGARD_PARQUET=ON, after `scripts/setup parquet`"}));
  return std::unique_ptr<ParquetFile>(make(std::move(sink)));
}

}  // namespace regard

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <arrow/io/interfaces.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "regard/core/error.h"
#include "regard/parquet/module.h"

namespace regard {
namespace {

void check(const arrow::Status& status, const std::string& where = {}) {
  if (!status.ok()) throw Error("Parquet: " + status.message(), where);
}

template <class Value>
Value checked(arrow::Result<Value> result, const std::string& where = {}) {
  check(result.status(), where);
  return std::move(result).ValueUnsafe();
}

/// A stream of Arrow's that hands everything on.
class SinkStream : public arrow::io::OutputStream {
 public:
  explicit SinkStream(ParquetSink sink) : sink_(std::move(sink)) { set_mode(arrow::io::FileMode::WRITE); }

  arrow::Status Write(const void* data, std::int64_t size) override {
    try {
      sink_({static_cast<const std::byte*>(data), static_cast<std::size_t>(size)});
    } catch (const std::exception& error) {
      return arrow::Status::IOError(error.what());
    }
    written_ += size;
    return arrow::Status::OK();
  }
  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  arrow::Result<std::int64_t> Tell() const override { return written_; }
  bool closed() const override { return closed_; }

 private:
  ParquetSink sink_;
  std::int64_t written_ = 0;
  bool closed_ = false;
};

bool is_missing(std::int32_t) {
  return false;
}
bool is_missing(float value) {
  return std::isnan(value);
}
bool is_missing(const std::string& value) {
  return value.empty();
}

template <class Builder, class Value>
std::shared_ptr<arrow::Array> array_by(const std::vector<Value>& values) {
  Builder builder;
  for (const auto& value : values) check(is_missing(value) ? builder.AppendNull() : builder.Append(value));
  return checked(builder.Finish());
}

std::shared_ptr<arrow::Array> array_of(const std::vector<std::int32_t>& values) {
  return array_by<arrow::Int32Builder>(values);
}
std::shared_ptr<arrow::Array> array_of(const std::vector<float>& values) {
  return array_by<arrow::FloatBuilder>(values);
}
std::shared_ptr<arrow::Array> array_of(const std::vector<std::string>& values) {
  return array_by<arrow::StringBuilder>(values);
}

std::shared_ptr<arrow::Table> table_of(const std::vector<FaceColumn>& columns) {
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (const auto& column : columns) {
    arrays.push_back(std::visit([](const auto& values) { return array_of(values); }, column.values));
    fields.push_back(arrow::field(column.name, arrays.back()->type()));
  }
  return arrow::Table::Make(arrow::schema(std::move(fields)), std::move(arrays));
}

class ArrowFile : public ParquetFile {
 public:
  explicit ArrowFile(ParquetSink sink) : stream_(std::make_shared<SinkStream>(std::move(sink))) {}

  void add(const std::vector<FaceColumn>& columns) override { add_table(*table_of(columns), {}); }

  void add_file(const std::filesystem::path& path) override {
    const auto where = path.string();
    const auto file = checked(arrow::io::ReadableFile::Open(where), where);
    const auto reader = checked(parquet::arrow::OpenFile(file, arrow::default_memory_pool()), where);
    add_table(*checked(reader->ReadTable(), where), where);
  }

  void finish() override {
    if (writer_) check(writer_->Close());
  }

 private:
  void add_table(const arrow::Table& table, const std::string& where) {
    if (!writer_) open(table.schema());
    if (!writer_->schema()->Equals(*table.schema(), /*check_metadata=*/false))
      throw Error("part has other columns", where, writer_->schema()->ToString(), table.schema()->ToString());
    check(writer_->WriteTable(table, std::max<std::int64_t>(1, table.num_rows())), where);
  }

  void open(const std::shared_ptr<arrow::Schema>& schema) {
    const auto properties =
        parquet::WriterProperties::Builder().compression(parquet::Compression::ZSTD)->build();
    writer_ =
        checked(parquet::arrow::FileWriter::Open(*schema, arrow::default_memory_pool(), stream_, properties));
  }

  std::shared_ptr<SinkStream> stream_;
  std::unique_ptr<parquet::arrow::FileWriter> writer_;
};

}  // namespace
}  // namespace regard

extern "C" regard::ParquetFile* regard_make_parquet_file_1(regard::ParquetSink sink) {
  return new regard::ArrowFile(std::move(sink));
}

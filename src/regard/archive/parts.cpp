#include "regard/archive/parts.h"

#include <array>
#include <string_view>
#include <utility>

#include "regard/archive/inputs.h"
#include "regard/core/error.h"
#include "regard/core/file.h"
#include "regard/core/json.h"
#include "regard/core/output_file.h"
#include "regard/core/table.h"
#include "regard/output/face_columns.h"
#include "regard/output/face_csv.h"
#include "regard/output/face_json.h"
#include "regard/parquet/parquet.h"

namespace regard {
namespace {

namespace fs = std::filesystem;

class JsonPart : public PartWriter {
 public:
  explicit JsonPart(const FaceWriterOptions& options) : labels_(options.labels) {}

  void add(ImageResult image) override { text_ += json_shown(to_json(image, labels_)) + "\n"; }
  std::string take() override { return std::exchange(text_, {}); }

 private:
  std::vector<std::string> labels_;
  std::string text_;
};

class CsvPart : public PartWriter {
 public:
  explicit CsvPart(const FaceWriterOptions& options) : options_(options) {}

  void add(ImageResult image) override { rows_ += result_rows(image, options_); }
  std::string take() override { return result_header(options_) + std::exchange(rows_, {}); }

 private:
  FaceWriterOptions options_;
  std::string rows_;
};

/// Text as JSON can have it: bytes that are not UTF-8 are U+FFFD.
std::string in_utf8(const std::string& text) {
  return Json::parse(json_shown(text)).get<std::string>();
}

class ParquetPart : public PartWriter {
 public:
  explicit ParquetPart(const FaceWriterOptions& options) : options_(options) { make_parquet_file({}); }

  void add(ImageResult image) override {
    image.file = in_utf8(image.file);
    if (image.error) image.error = in_utf8(*image.error);
    images_.push_back(std::move(image));
  }
  std::string take() override {
    std::string bytes;
    const auto file = make_parquet_file(
        [&](auto piece) { bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size()); });
    file->add(result_columns(std::exchange(images_, {}), options_.labels, options_.views));
    file->finish();
    return bytes;
  }

 private:
  FaceWriterOptions options_;
  std::vector<ImageResult> images_;
};

template <class Writer>
std::unique_ptr<PartWriter> make_part(const FaceWriterOptions& options) {
  return std::make_unique<Writer>(options);
}

void join_lines(std::span<const fs::path> parts, const fs::path& out) {
  OutputFile file(out);
  for (const auto& part : parts) file.write(map_file(part).bytes);
  file.commit();
}

/// One header for all.
void join_tables(std::span<const fs::path> parts, const fs::path& out) {
  OutputFile file(out);
  std::string header;
  for (const auto& part : parts) {
    const auto mapped = map_file(part);
    const auto text = text_of(mapped);
    const auto own = text.substr(0, text.find('\n') + 1);
    if (header.empty()) file.write(std::as_bytes(std::span(header = own)));
    if (own != header) throw Error("part has other columns", part.string(), header, std::string(own));
    file.write(mapped.bytes.subspan(own.size()));
  }
  file.commit();
}

/// A row group for each part.
void join_parquet(std::span<const fs::path> parts, const fs::path& out) {
  OutputFile file(out);
  const auto joined = make_parquet_file([&](auto bytes) { file.write(bytes); });
  for (const auto& part : parts) joined->add_file(part);
  joined->finish();
  file.commit();
}

constexpr std::array kPartFormats{PartFormat{"json", "jsonl", make_part<JsonPart>, join_lines},
                                  PartFormat{"csv", "csv", make_part<CsvPart>, join_tables},
                                  PartFormat{"parquet", "parquet", make_part<ParquetPart>, join_parquet}};

}  // namespace

std::span<const PartFormat> part_formats() {
  return kPartFormats;
}

const PartFormat& find_part_format(const std::string& name) {
  return find_row(kPartFormats, name, "format");
}

}  // namespace regard

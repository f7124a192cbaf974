#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "regard/core/file.h"
#include "regard/parquet/parquet.h"
#include "tests/support.h"

namespace regard {
namespace {

using test::error_of;
using test::TemporaryFolder;
using ::testing::HasSubstr;

// What pyarrow reads in such files is compared in tests/archive_test.py.

std::string parquet_bytes(const std::function<void(ParquetFile&)>& fill) {
  std::string bytes;
  const auto file = make_parquet_file(
      [&](auto piece) { bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size()); });
  fill(*file);
  file->finish();
  return bytes;
}

std::vector<FaceColumn> three_rows() {
  return {{"file", std::vector<std::string>{"a.jpg", "b.jpg", ""}},
          {"face", std::vector<std::int32_t>{1, 0, 2}},
          {"happiness", std::vector<float>{.25f, std::numeric_limits<float>::quiet_NaN(), 1}}};
}

TEST(ParquetTest, TheSameRowsAreTheSameBytes) {
  const auto write = [] { return parquet_bytes([](ParquetFile& file) { file.add(three_rows()); }); };
  const std::string bytes = write();
  EXPECT_TRUE(bytes.starts_with("PAR1") && bytes.ends_with("PAR1"));
  EXPECT_EQ(write(), bytes);
}

TEST(ParquetTest, JoinsFiles) {
  const TemporaryFolder folder;
  const std::string bytes = parquet_bytes([](ParquetFile& file) { file.add(three_rows()); });
  write_text_atomically(folder / "part", bytes);
  EXPECT_EQ(parquet_bytes([&](ParquetFile& file) { file.add_file(folder / "part"); }), bytes);
  EXPECT_EQ(parquet_bytes([&](ParquetFile& file) {
              file.add_file(folder / "part");
              file.add_file(folder / "part");
            }),
            parquet_bytes([](ParquetFile& file) {
              file.add(three_rows());
              file.add(three_rows());
            }));
}

TEST(ParquetTest, Errors) {
  const TemporaryFolder folder;
  write_text_atomically(folder / "text", "no Parquet at all");
  EXPECT_THAT(error_of([&] { parquet_bytes([&](ParquetFile& file) { file.add_file(folder / "text"); }); }),
              HasSubstr("/text: Parquet: "));
  EXPECT_THAT(error_of([] {
                parquet_bytes([](ParquetFile& file) {
                  file.add(three_rows());
                  file.add({three_rows().front()});
                });
              }),
              HasSubstr("part has other columns"));
  EXPECT_THAT(
      error_of([] { make_parquet_file([](auto) { throw Error("disk is full"); })->add(three_rows()); }),
      HasSubstr("disk is full"));
}

}  // namespace
}  // namespace regard

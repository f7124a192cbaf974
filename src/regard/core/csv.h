#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Comma-separated values (RFC 4180): the one reader and the one writer of tables in text. Fields are
/// separated by commas, or by the semicolons or tabs that other programs write; in quotes they may hold
/// separators, line ends and, doubled, quotes.
namespace regard {

struct CsvRow {
  std::vector<std::string> fields;
  int line = 0;  ///< the row's first line in the text, from 1
};

/// Reads row by row, so that memory does not grow with the table.
class CsvReader {
 public:
  /// `text` must outlive the reader, as decode_text (core/text.h) gives it. `where`: how errors name it.
  CsvReader(std::string_view text, std::string where, char separator = ',');

  /// The next row; empty lines are passed over. Lines end with LF, CR LF or CR. Blanks around a field in
  /// quotes are dropped. Throws Error naming the line for a quote that is never closed.
  std::optional<CsvRow> next();

  /// "labels.csv:12", for messages about a row.
  std::string place(const CsvRow& row) const { return where_ + ":" + std::to_string(row.line); }

 private:
  bool at_line_end() const;
  void skip_line_end();
  void skip_empty_lines();
  std::string field();
  std::string quoted_field();

  std::string_view text_;
  std::string where_;
  char separator_;
  std::size_t at_ = 0;
  int line_ = 1;
};

/// What separates the fields of the first line: a comma, a semicolon or a tab, whichever is there most often
/// outside of quotes; a comma where none is.
char csv_separator(std::string_view text);

/// Where the named columns stand in a header. Throws Error for one that is missing.
std::vector<std::size_t> csv_columns(const CsvRow& header, std::span<const char* const> names,
                                     const std::string& where);

/// Text as a field: in quotes where it has to be.
std::string csv_field(const std::string& text);

/// Fields as a row, with its line end.
std::string csv_row(std::span<const std::string> fields);

}  // namespace regard

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Comma-separated values (RFC 4180): the only reader and writer of text tables. Fields are separated by
/// commas, or by semicolons or tabs; quoted fields may contain separators, line ends and doubled quotes.
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

  /// The next row; empty lines are skipped. Lines end with LF, CR LF or CR. Blanks around quoted fields are
  /// dropped. Throws Error naming the line for a quote that is never closed.
  std::optional<CsvRow> next();

  /// "labels.csv:12", for messages about a row.
  std::string place(const CsvRow& row) const { return where_ + ":" + std::to_string(row.line); }

  /// Throws Error unless the row has so many fields.
  void check_width(const CsvRow& row, std::size_t fields) const;

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

/// The separator of the first line: comma, semicolon or tab, whichever is most frequent outside of quotes;
/// comma if there is none.
char csv_separator(std::string_view text);

/// The indices of the named columns in a header; blanks around names and their case do not matter. Throws
/// Error for one that is missing.
std::vector<std::size_t> csv_columns(const CsvRow& header, std::span<const char* const> names,
                                     const std::string& where);

/// Text as a field, quoted if necessary.
std::string csv_field(const std::string& text);

/// Fields as a row, with its line end.
std::string csv_row(std::span<const std::string> fields);

}  // namespace regard

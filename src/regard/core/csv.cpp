#include "regard/core/csv.h"

#include <algorithm>
#include <array>

#include "regard/core/error.h"
#include "regard/core/text.h"

namespace regard {

CsvReader::CsvReader(std::string_view text, std::string where, char separator)
    : text_(text), where_(std::move(where)), separator_(separator) {}

bool CsvReader::at_line_end() const {
  return at_ >= text_.size() || text_[at_] == '\n' || text_[at_] == '\r';
}

void CsvReader::skip_line_end() {
  if (at_ >= text_.size()) return;
  at_ += text_.substr(at_, 2) == "\r\n" ? 2 : 1;
  ++line_;
}

/// Skips blank lines.
void CsvReader::check_width(const CsvRow& row, std::size_t fields) const {
  if (row.fields.size() != fields)
    throw Error("row has the wrong number of fields", place(row), std::to_string(fields),
                std::to_string(row.fields.size()));
}

void CsvReader::skip_empty_lines() {
  while (at_ < text_.size()) {
    const auto end = std::min(text_.find_first_of("\r\n", at_), text_.size());
    const auto line = text_.substr(at_, end - at_);
    if (line.find_first_not_of(' ') != line.npos) return;
    at_ = end;
    skip_line_end();
  }
}

std::optional<CsvRow> CsvReader::next() {
  skip_empty_lines();
  if (at_ >= text_.size()) return {};
  CsvRow row{{}, line_};
  row.fields.push_back(field());
  while (!at_line_end()) {
    ++at_;  // the separator
    row.fields.push_back(field());
  }
  skip_line_end();
  return row;
}

std::string CsvReader::field() {
  const auto first = text_.find_first_not_of(' ', at_);
  if (first != text_.npos && text_[first] == '"') {
    at_ = first;
    return quoted_field();
  }
  const auto begin = at_;
  while (!at_line_end() && text_[at_] != separator_) ++at_;
  return std::string(text_.substr(begin, at_ - begin));
}

/// Reads a quoted field from its opening quote. Text between the closing quote and the separator is kept, as
/// in Python's reader, except blanks.
std::string CsvReader::quoted_field() {
  const int opened = line_;
  std::string value;
  for (++at_;; ++at_) {
    if (at_ >= text_.size())
      throw Error("a quote is not closed", where_ + ":" + std::to_string(opened), "a second \"");
    if (text_[at_] == '"' && text_.substr(at_, 2) == "\"\"")
      ++at_;
    else if (text_[at_] == '"')
      break;
    line_ += text_[at_] == '\n' || (text_[at_] == '\r' && text_.substr(at_, 2) != "\r\n");
    value += text_[at_];
  }
  const auto begin = ++at_;
  while (!at_line_end() && text_[at_] != separator_) ++at_;
  const auto rest = text_.substr(begin, at_ - begin);
  if (rest.find_first_not_of(' ') != rest.npos) value += rest;
  return value;
}

char csv_separator(std::string_view text) {
  constexpr std::array kSeparators{',', ';', '\t'};
  std::array<int, kSeparators.size()> counts{};
  bool quoted = false;
  for (const char c : text) {
    if (!quoted && (c == '\n' || c == '\r')) break;
    quoted ^= c == '"';
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += !quoted && c == kSeparators[i];
  }
  return kSeparators[static_cast<std::size_t>(std::max_element(counts.begin(), counts.end()) -
                                              counts.begin())];
}

namespace {

/// What names of columns are compared by.
std::string key_of(std::string_view name) {
  const auto begin = std::min(name.find_first_not_of(' '), name.size());
  return lower_case(name.substr(begin, name.find_last_not_of(' ') + 1 - begin));
}

}  // namespace

std::vector<std::size_t> csv_columns(const CsvRow& header, std::span<const char* const> names,
                                     const std::string& where) {
  std::vector<std::size_t> columns;
  for (const auto* name : names) {
    const auto found = std::find_if(header.fields.begin(), header.fields.end(),
                                    [&](const auto& field) { return key_of(field) == key_of(name); });
    if (found == header.fields.end())
      throw Error("column '" + std::string(name) + "' is missing", where, join(names, ","),
                  join(header.fields, ","));
    columns.push_back(static_cast<std::size_t>(found - header.fields.begin()));
  }
  return columns;
}

std::string csv_field(const std::string& text) {
  const bool blank = text.starts_with(' ') || text.ends_with(' ');
  if (!blank && text.find_first_of(",;\t\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string csv_row(std::span<const std::string> fields) {
  if (fields.size() == 1 && fields[0].empty()) return "\"\"\n";  // otherwise it would be an empty line
  std::string row;
  for (const auto& field : fields) row += (&field == fields.data() ? "" : ",") + csv_field(field);
  return row + "\n";
}

}  // namespace regard

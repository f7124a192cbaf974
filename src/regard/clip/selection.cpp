#include "regard/clip/selection.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "regard/core/csv.h"
#include "regard/core/error.h"
#include "regard/core/file.h"
#include "regard/core/range_check.h"
#include "regard/core/text.h"

namespace regard {
namespace {

constexpr const char* kTime = "seconds, or minutes:seconds, or hours:minutes:seconds";

/// A number without a sign; none if it is anything else.
std::optional<double> plain_number(std::string_view text) {
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && text[0] != '-' && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

void check(const TimeRange& range, const std::string& where) {
  if (!(range.from < range.to))
    throw Error("range of time is empty", where, "a start before the end",
                time_text(range.from) + " to " + time_text(range.to));
}

}  // namespace

FrameSelector::FrameSelector(FrameSelection selection) : selection_(std::move(selection)) {
  check_range(selection_.fps >= 0 && std::isfinite(selection_.fps), "fps", "0 or more", selection_.fps);
  check(selection_.range, "from, to");
  for (const auto& range : selection_.excluded) check(range, "exclude");
}

bool FrameSelector::wants(double seconds) {
  if (!selection_.range.contains(seconds)) return false;
  for (const auto& range : selection_.excluded)
    if (range.contains(seconds)) return false;
  if (selection_.fps == 0) return true;
  constexpr double kRounding = 1e-3;  // of an interval: files round their times
  const double interval = std::floor(seconds * selection_.fps + kRounding);
  if (interval_ && interval <= *interval_) return false;
  interval_ = interval;
  return true;
}

double parse_time(const std::string& text, const std::string& where) {
  double seconds = 0;
  int parts = 0;
  for (std::string_view rest = text; parts < 3; ++parts) {
    const auto colon = rest.find(':');
    const auto value = plain_number(rest.substr(0, colon));
    const bool last = colon == rest.npos;
    if (!value || (parts > 0 && *value >= 60) || (!last && *value != std::floor(*value))) break;
    seconds = 60 * seconds + *value;
    if (last) return seconds;
    rest.remove_prefix(colon + 1);
  }
  throw Error("is no time", where, kTime, "'" + text + "'");
}

std::string time_text(double seconds, int decimals, int hour_digits) {
  if (!std::isfinite(seconds)) return "the end";
  const auto scale = static_cast<long long>(std::pow(10, decimals));
  const auto parts = std::llround(seconds * static_cast<double>(scale));
  const auto whole = parts / scale;
  return formatted("%0*lld:%02lld:%02lld.%0*lld", hour_digits, whole / 3600, whole / 60 % 60, whole % 60,
                   decimals, parts % scale);
}

std::vector<TimeRange> read_ranges(const std::filesystem::path& path) {
  constexpr std::array<const char*, 2> kNames{"from", "to"};
  const std::string text = read_plain_text(path), where = path.string();
  CsvReader reader(text, where, csv_separator(text));
  const auto header = reader.next().value_or(CsvRow{});
  const auto columns = csv_columns(header, kNames, where);
  std::vector<TimeRange> ranges;
  while (const auto row = reader.next()) {
    const std::string place = reader.place(*row);
    reader.check_width(*row, header.fields.size());
    ranges.push_back(
        {parse_time(row->fields[columns[0]], place), parse_time(row->fields[columns[1]], place)});
    check(ranges.back(), place);
  }
  return ranges;
}

}  // namespace regard

#pragma once

#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

/// Which frames of a video are looked at.
namespace regard {

/// Seconds from `from` up to but not including `to`.
struct TimeRange {
  double from = 0;
  double to = std::numeric_limits<double>::infinity();

  bool contains(double seconds) const { return seconds >= from && seconds < to; }
};

struct FrameSelection {
  double fps = 0;  ///< frames a second at most, the first of each interval; 0: all of them
  TimeRange range = {};
  std::vector<TimeRange> excluded = {};
};

/// Chooses frames by their times, in order, so that clips of a variable rate are treated right.
class FrameSelector {
 public:
  /// Throws Error for options out of range.
  explicit FrameSelector(FrameSelection selection);

  bool wants(double seconds);
  /// Whether no later frame can be wanted.
  bool is_past(double seconds) const { return seconds >= selection_.range.to; }

 private:
  FrameSelection selection_;
  std::optional<double> interval_;  // in which the frame before was
};

/// "80", "80.5", "1:20" or "1:02:03.5" in seconds. Throws Error naming `where` for anything else.
double parse_time(const std::string& text, const std::string& where);

/// Seconds as "1:02:03.500", with so many decimals, and hours of at least so many digits; infinite ones as
/// "the end".
std::string time_text(double seconds, int decimals = 3, int hour_digits = 1);

/// Ranges of time from a table with the columns from and to. Throws Error naming the line.
std::vector<TimeRange> read_ranges(const std::filesystem::path& path);

}  // namespace regard

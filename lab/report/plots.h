#pragma once

#include <string>
#include <vector>

#include "lab/metrics/metrics.h"

/// Plots as SVG to stand inside a page: colours come from the page's CSS variables --ink, --soft, --line,
/// --accent, --miss, --paper.
namespace regard {

/// `value` with this many decimals; a dash for NaN.
std::string fixed(double value, int digits);

/// A fraction as a percentage with one digit, "86.9"; a dash for NaN.
std::string percent(double share);

/// A fraction as a signed difference in points, "+0.31".
std::string points(double share);

/// "84.8–87.2"; `nothing` for the interval of no images.
std::string range(const Interval& interval, double factor, int digits, const std::string& nothing = "");

/// Rows are true labels, columns predicted ones; shades and numbers are percentages of the row.
std::string confusion_svg(const Metrics& metrics, const std::vector<std::string>& labels);

/// The same of what somebody else published: shares of each true label's images, 0 to 1, [true][predicted].
std::string confusion_svg(const std::vector<std::vector<double>>& shares,
                          const std::vector<std::string>& labels);

/// Accuracy against certainty, bin by bin, with the bins' counts below.
std::string reliability_svg(const Metrics& metrics);

/// A dot with its interval on a line from `low` to `high`.
std::string interval_svg(double value, const Interval& interval, double low, double high);

}  // namespace regard

#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "lab/metrics/metrics.h"

/// Figures of our runs as SVG, in the colours of a report's page (lab/report/plots.h).
namespace regard {

/// An accuracy, 0 to 1, with its interval, and the paper's beside it where it is known.
struct PlottedResult {
  double value = std::numeric_limits<double>::quiet_NaN();  ///< NaN: not measured
  Interval interval;
  std::optional<double> paper;
};

struct Bar {
  std::string label;
  PlottedResult result;
};

/// Horizontal bars with their intervals; the paper's numbers as open circles.
std::string bars_svg(const std::vector<Bar>& bars);

struct CurvePoint {
  double x = 0;  ///< NaN: the same everywhere
  PlottedResult result;
};

struct Curve {
  std::string name;
  std::vector<CurvePoint> points;
};

/// Accuracy against x; the points of x stand at equal distances, whatever their values. A curve whose x is
/// NaN is a line all across.
std::string curves_svg(const std::vector<Curve>& curves, const std::string& across);

struct Line {
  std::string name;
  std::vector<std::pair<double, double>> points;  ///< x, y; in order of x
};

/// Numbers of 0 and more against x; both axes are linear.
std::string lines_svg(const std::vector<Line>& lines, const std::string& across, const std::string& along);

}  // namespace regard

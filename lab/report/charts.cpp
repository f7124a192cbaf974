#include "lab/report/charts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "lab/report/plots.h"
#include "lab/report/svg.h"

namespace regard {

namespace {

/// low, low + step, ... up to high.
std::vector<double> ticks(double low, double high, double step) {
  std::vector<double> values;
  for (int i = 0; low + i * step <= high + 1e-9; ++i) values.push_back(low + i * step);
  return values;
}

// The colour-blind-safe palette of Okabe and Ito.
constexpr std::array kColours{"var(--accent)", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9"};

using svg::line, svg::number, svg::text;

std::string dot(double x, double y, const std::string& rest) {
  return "<circle cx='" + number(x) + "' cy='" + number(y) + "' r='4.5' " + rest + "/>";
}

std::string chart(double width, double height, const std::string& title, const std::string& body) {
  return svg::drawing(width, height, title, body, "class='chart' ");
}

/// "0.02" rather than "0.020000".
std::string short_number(double value) {
  auto text = fixed(value, 3);
  while (text.find('.') != std::string::npos && (text.back() == '0' || text.back() == '.')) {
    const bool point = text.back() == '.';
    text.pop_back();
    if (point) break;
  }
  return text;
}

/// Round ends, in percent, of an axis that holds all numbers and their intervals.
struct Axis {
  double low = 100, high = 0;

  void hold(const PlottedResult& result) {
    if (result.paper) low = std::min(low, 100 * *result.paper), high = std::max(high, 100 * *result.paper);
    if (!std::isfinite(result.value)) return;
    low = std::min(low, 100 * result.interval.low);
    high = std::max(high, 100 * result.interval.high);
  }
  double step() const {
    const double span = high - low;
    return span > 40 ? 10 : span > 16 ? 5 : span > 6 ? 2 : 1;
  }
  void round() {
    if (low >= high) low = 0, high = 100;
    const double by = step();
    low = std::max(0., std::floor(low / by) * by);
    high = std::min(100., std::ceil(high / by) * by);
  }
  double share(double percent) const { return (percent - low) / (high - low); }
};

std::string words(const std::string& name, const PlottedResult& result) {
  std::string text = name;
  if (std::isfinite(result.value))
    text += ": " + percent(result.value) + " % (" + range(result.interval, 100, 1) + ")";
  if (result.paper) text += "; the paper " + fixed(100 * *result.paper, 2) + " %";
  return "<title>" + escape_html(text) + "</title>";
}

constexpr const char* kPaperDot = "fill='var(--paper)' stroke='var(--miss)' stroke-width='2'";

// Bars: labels at the left, numbers at the right.
constexpr double kLabels = 230, kBars = 430, kNumbers = 150, kRow = 30;

std::string bar_row(const Bar& bar, const Axis& axis, double top) {
  const auto& result = bar.result;
  const auto x = [&](double share) { return kLabels + kBars * axis.share(100 * share); };
  const double middle = top + kRow / 2;
  std::string body = text(kLabels - 10, middle + 5, bar.label, "text-anchor='end' class='cell'");
  if (std::isfinite(result.value)) {
    body += "<rect x='" + number(kLabels) + "' y='" + number(top + 5) + "' width='" +
            number(x(result.value) - kLabels) + "' height='" + number(kRow - 10) +
            "' fill='var(--accent)' fill-opacity='.75'/>" +
            line(x(result.interval.low), middle, x(result.interval.high), middle,
                 "stroke='var(--ink)' stroke-width='1.6'") +
            text(kLabels + kBars + 12, middle + 5,
                 percent(result.value) + " (" + range(result.interval, 100, 1) + ")", "class='cell'");
  } else {
    body += text(kLabels + 8, middle + 5, "not run", "class='tick'");
  }
  if (result.paper) body += dot(x(*result.paper), middle, kPaperDot);
  return "<g>" + words(bar.label, result) + body + "</g>";
}

// Curves.
constexpr double kLeft = 58, kTop = 14, kWidth = 560, kHeight = 300;

struct Frame {
  Axis axis;
  std::vector<double> places;  ///< the different x

  double x(double value) const {
    const auto at = std::lower_bound(places.begin(), places.end(), value) - places.begin();
    return kLeft + kWidth * (static_cast<double>(at) + .5) /
                       static_cast<double>(std::max<std::size_t>(places.size(), 1));
  }
  double y(double share) const { return kTop + kHeight * (1 - axis.share(100 * share)); }
};

std::string frame_svg(const Frame& frame, const std::string& across) {
  std::string body;
  for (const double tick : ticks(frame.axis.low, frame.axis.high, frame.axis.step()))
    body += line(kLeft, frame.y(tick / 100), kLeft + kWidth, frame.y(tick / 100), "stroke='var(--line)'") +
            text(kLeft - 8, frame.y(tick / 100) + 4, fixed(tick, 0), "text-anchor='end' class='tick'");
  for (const double place : frame.places)
    body +=
        text(frame.x(place), kTop + kHeight + 18, short_number(place), "text-anchor='middle' class='tick'");
  return body + text(kLeft + kWidth / 2, kTop + kHeight + 40, across, "text-anchor='middle'") +
         text(
             0, 0, "accuracy, %",
             "text-anchor='middle' transform='translate(14 " + number(kTop + kHeight / 2) + ") rotate(-90)'");
}

std::string point_svg(const Frame& frame, const std::string& name, const CurvePoint& point, double shift,
                      const std::string& colour) {
  const auto& result = point.result;
  const double x = frame.x(point.x) + shift;
  std::string body = words(name + ", " + short_number(point.x), result);
  if (std::isfinite(result.value))
    body += line(x, frame.y(result.interval.low), x, frame.y(result.interval.high),
                 "stroke='" + colour + "' stroke-width='1.6' stroke-opacity='.6'") +
            dot(x, frame.y(result.value), "fill='" + colour + "'") +
            text(x + 8, frame.y(result.value) - 8, percent(result.value), "class='tick'");
  if (result.paper) body += dot(x, frame.y(*result.paper), kPaperDot);
  return "<g>" + body + "</g>";
}

std::string curve_svg(const Frame& frame, const Curve& curve, double shift, const std::string& colour) {
  std::string path, body;
  for (const auto& point : curve.points) {
    const auto& result = point.result;
    if (std::isnan(point.x)) {
      if (std::isfinite(result.value))
        body += "<g>" + words(curve.name, result) +
                line(kLeft, frame.y(result.value), kLeft + kWidth, frame.y(result.value),
                     "stroke='" + colour + "' stroke-width='2' stroke-dasharray='7 5'") +
                "</g>";
      continue;
    }
    body += point_svg(frame, curve.name, point, shift, colour);
    if (std::isfinite(result.value)) {
      path += path.empty() ? 'M' : 'L';
      path += number(frame.x(point.x) + shift) + " " + number(frame.y(result.value));
    }
  }
  return "<path d='" + path + "' fill='none' stroke='" + colour + "' stroke-width='2'/>" + body;
}

/// Names of lines, and how each is drawn.
struct Key {
  std::string name;
  bool dashed = false;
};

std::string legend(const std::vector<Key>& keys, double top) {
  std::string body;
  double at = kLeft;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto& [name, dashed] = keys[i];
    body += line(at, top, at + 26, top,
                 std::string("stroke='") + kColours[i % kColours.size()] + "' stroke-width='2.5'" +
                     (dashed ? " stroke-dasharray='7 5'" : "")) +
            text(at + 32, top + 5, name, "class='cell'");
    at += 56 + 7.4 * static_cast<double>(name.size());
  }
  return body;
}

/// A round number of at least a fifth of `span`: 1, 2 or 5 times a power of ten.
double round_step(double span) {
  const double power = std::pow(10, std::floor(std::log10(span / 5)));
  for (const double times : {1., 2., 5.})
    if (times * power >= span / 5 - 1e-12) return times * power;
  return 10 * power;
}

}  // namespace

std::string bars_svg(const std::vector<Bar>& bars) {
  Axis axis;
  for (const auto& bar : bars) axis.hold(bar.result);
  axis.round();
  const double floor = static_cast<double>(bars.size()) * kRow;
  std::string body;
  for (const double tick : ticks(axis.low, axis.high, axis.step())) {
    const double x = kLabels + kBars * axis.share(tick);
    body += line(x, 0, x, floor, "stroke='var(--line)'") +
            text(x, floor + 16, fixed(tick, 0), "text-anchor='middle' class='tick'");
  }
  for (std::size_t i = 0; i < bars.size(); ++i) body += bar_row(bars[i], axis, static_cast<double>(i) * kRow);
  body += text(kLabels + kBars / 2, floor + 38, "accuracy, %", "text-anchor='middle'");
  return chart(kLabels + kBars + kNumbers, floor + 46, "Accuracy of each", body);
}

std::string curves_svg(const std::vector<Curve>& curves, const std::string& across) {
  Frame frame;
  std::set<double> places;
  for (const auto& curve : curves)
    for (const auto& point : curve.points) {
      frame.axis.hold(point.result);
      if (!std::isnan(point.x)) places.insert(point.x);
    }
  frame.axis.round();
  frame.places.assign(places.begin(), places.end());
  std::string body = frame_svg(frame, across);
  std::vector<Key> keys;
  for (const auto& curve : curves)
    keys.push_back({curve.name, !curve.points.empty() && std::isnan(curve.points.front().x)});
  for (std::size_t i = 0; i < curves.size(); ++i) {
    const double shift = 5 * (static_cast<double>(i) - static_cast<double>(curves.size() - 1) / 2);
    body += curve_svg(frame, curves[i], shift, kColours[i % kColours.size()]);
  }
  return chart(kLeft + kWidth + 40, kTop + kHeight + 84, "Accuracy against the " + across,
               body + legend(keys, kTop + kHeight + 66));
}

std::string lines_svg(const std::vector<Line>& lines, const std::string& across, const std::string& along) {
  constexpr double kLow = 220;  // how high it is
  double right = 0, top = 0;
  for (const auto& line : lines)
    for (const auto& [x, y] : line.points) right = std::max(right, x), top = std::max(top, y);
  if (right <= 0 || top <= 0) return "";
  const double by_x = round_step(right), by_y = round_step(top);
  top = by_y * std::ceil(top / by_y - 1e-9);
  const auto place_x = [&](double x) { return kLeft + kWidth * x / right; };
  const auto place_y = [&](double y) { return kTop + kLow * (1 - y / top); };

  std::string body;
  for (const double tick : ticks(0, top, by_y))
    body += line(kLeft, place_y(tick), kLeft + kWidth, place_y(tick), "stroke='var(--line)'") +
            text(kLeft - 8, place_y(tick) + 4, short_number(tick), "text-anchor='end' class='tick'");
  for (const double tick : ticks(0, right, by_x))
    body += text(place_x(tick), kTop + kLow + 18, short_number(tick), "text-anchor='middle' class='tick'");
  body += text(kLeft + kWidth / 2, kTop + kLow + 40, across, "text-anchor='middle'") +
          text(0, 0, along,
               "text-anchor='middle' transform='translate(14 " + number(kTop + kLow / 2) + ") rotate(-90)'");
  std::vector<Key> keys;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::string path;
    for (const auto& [x, y] : lines[i].points)
      path += (path.empty() ? "M" : "L") + number(place_x(x)) + " " + number(place_y(y));
    body += "<path d='" + path + "' fill='none' stroke='" + kColours[i % kColours.size()] +
            "' stroke-width='2'/>";
    keys.push_back({lines[i].name});
  }
  return chart(kLeft + kWidth + 40, kTop + kLow + 84, along + " against " + across,
               body + legend(keys, kTop + kLow + 66));
}

}  // namespace regard

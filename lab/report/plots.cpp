#include "lab/report/plots.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <sstream>

#include "lab/report/svg.h"
#include "regard/core/text.h"

namespace regard {
namespace {

using svg::line, svg::number, svg::rect, svg::text;

constexpr double kCell = 46, kLeft = 96, kTop = 90;

/// A cell shaded by the fraction, with the text `shown` and the tooltip `words`.
std::string shaded_cell(std::size_t row, std::size_t column, double share, const std::string& words,
                        const std::string& shown) {
  const double x = kLeft + static_cast<double>(column) * kCell, y = kTop + static_cast<double>(row) * kCell;
  const std::string colour = row == column ? "var(--accent)" : "var(--miss)";
  const std::string ink = share > .55 ? "var(--paper)" : share == 0 ? "var(--soft)" : "var(--ink)";
  return "<g><title>" + escape_html(words) + "</title>" +
         rect(x, y, kCell, kCell,
              "fill='" + colour + "' fill-opacity='" + fixed(share, 3) + "' stroke='var(--line)'") +
         text(x + kCell / 2, y + kCell / 2 + 5, shown,
              "text-anchor='middle' class='cell' style='fill:" + ink + "'") +
         "</g>";
}

std::string confusion_cell(const Metrics& metrics, const std::vector<std::string>& labels, std::size_t row,
                           std::size_t column) {
  const auto support = metrics.support(row), count = metrics.confusion(row, column);
  const double share = support ? static_cast<double>(count) / static_cast<double>(support) : 0;
  return shaded_cell(row, column, share,
                     "true " + labels[row] + ", predicted " + labels[column] + ": " + std::to_string(count) +
                         " of " + std::to_string(support),
                     count == 0     ? ""
                     : share < .001 ? "<.1"
                                    : percent(share));
}

/// The matrix with the labels at its edges; `cell` draws what is at a row and column.
template <class Cell>
std::string confusion_frame(const std::vector<std::string>& labels, Cell cell) {
  const double side = kCell * static_cast<double>(labels.size());
  std::string body;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const double centre = (static_cast<double>(i) + .5) * kCell;
    body += text(kLeft - 8, kTop + centre + 4.5, labels[i], "text-anchor='end' class='cell'") +
            text(0, 0, labels[i],
                 "transform='translate(" + number(kLeft + centre) + " " + number(kTop - 9) +
                     ") rotate(-42)' class='cell'");
    for (std::size_t column = 0; column < labels.size(); ++column) body += cell(i, column);
  }
  return svg::drawing(kLeft + side + 40, kTop + side + 2,
                      "Confusion matrix, percent of each true label's images", body);
}

/// Where things lie in a reliability diagram: a square for the shares, a strip for the counts below it.
constexpr double kSide = 300, kEdge = 62, kStrip = 62, kGap = 18, kAbove = 12;
double across(double share) {
  return kEdge + share * kSide;
}
double up(double share) {
  return kAbove + (1 - share) * kSide;
}

std::string reliability_bar(const ReliabilityBin& bin, double from, std::int64_t most) {
  if (bin.count == 0) return "";
  const double width = kSide / Metrics::kBins - 2, x = across(from) + 1;
  const double accuracy = static_cast<double>(bin.correct) / bin.count,
               certainty = bin.confidence / bin.count;
  const double both = std::min(accuracy, certainty);
  const std::string gap = certainty > accuracy ? "var(--miss)" : "var(--accent)";
  const double strip = kAbove + kSide + kGap + kStrip, height = std::max(1.0, kStrip * bin.count / most);
  return "<g><title>" +
         escape_html(std::to_string(bin.count) + " images, accuracy " + percent(accuracy) +
                     " %, mean certainty " + percent(certainty) + " %") +
         "</title>" + rect(x, up(both), width, kSide * both, "fill='var(--accent)' fill-opacity='.8'") +
         rect(x, up(std::max(accuracy, certainty)), width, kSide * std::abs(accuracy - certainty),
              "fill='" + gap + "' fill-opacity='.3' stroke='" + gap + "' stroke-width='.8'") +
         rect(x, strip - height, width, height, "fill='var(--soft)' fill-opacity='.7'") + "</g>";
}

std::string reliability_frame(std::int64_t most) {
  const double floor = kAbove + kSide, strip = floor + kGap + kStrip;
  std::string frame;
  for (int tick = 0; tick <= 100; tick += 20) {
    frame +=
        line(across(tick / 100.), up(0), across(tick / 100.), up(1), "stroke='var(--line)'") +
        line(across(0), up(tick / 100.), across(1), up(tick / 100.), "stroke='var(--line)'") +
        text(across(tick / 100.), strip + 16, std::to_string(tick), "text-anchor='middle' class='tick'") +
        text(across(0) - 7, up(tick / 100.) + 4, std::to_string(tick), "text-anchor='end' class='tick'");
  }
  frame += line(across(0), strip, across(1), strip, "stroke='var(--soft)'") +
           text(across(0) - 7, strip - kStrip + 8, std::to_string(most), "text-anchor='end' class='tick'") +
           text(across(0) - 7, strip, "0", "text-anchor='end' class='tick'") +
           text(across(.5), strip + 36, "certainty, %", "text-anchor='middle'");
  const auto turned = [](double y, const char* words) {
    return text(0, 0, words, "text-anchor='middle' transform='translate(13 " + number(y) + ") rotate(-90)'");
  };
  return frame + turned(up(.5), "accuracy, %") + turned(strip - kStrip / 2, "images");
}

}  // namespace

std::string fixed(double value, int digits) {
  if (!std::isfinite(value)) return "–";
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.*f", digits, value);
  return buffer;
}

std::string percent(double share) {
  return fixed(100 * share, 1);
}

std::string points(double share) {
  return (share < 0 ? "" : "+") + fixed(100 * share, 2);
}

std::string range(const Interval& interval, double factor, int digits, const std::string& nothing) {
  if (interval.low == 0 && interval.high == 1) return nothing;
  return fixed(factor * interval.low, digits) + "–" + fixed(factor * interval.high, digits);
}

std::string confusion_svg(const Metrics& metrics, const std::vector<std::string>& labels) {
  return confusion_frame(labels, [&](std::size_t row, std::size_t column) {
    return confusion_cell(metrics, labels, row, column);
  });
}

std::string confusion_svg(const std::vector<std::vector<double>>& shares,
                          const std::vector<std::string>& labels) {
  return confusion_frame(labels, [&](std::size_t row, std::size_t column) {
    const double share = shares.at(row).at(column);
    return shaded_cell(row, column, share, labels[row] + " taken for " + labels[column],
                       share > 0 ? fixed(100 * share, 0) : "");
  });
}

std::string reliability_svg(const Metrics& metrics) {
  std::int64_t most = 1;
  for (const auto& bin : metrics.bins()) most = std::max(most, bin.count);
  std::string body = reliability_frame(most);
  for (std::size_t i = 0; i < metrics.bins().size(); ++i)
    body += reliability_bar(metrics.bins()[i], static_cast<double>(i) / Metrics::kBins, most);
  body += line(across(0), up(0), across(1), up(1), "stroke='var(--ink)' stroke-dasharray='5 4'");
  return svg::drawing(kEdge + kSide + 14, kAbove + kSide + kGap + kStrip + 44, "Reliability diagram", body);
}

std::string interval_svg(double value, const Interval& interval, double low, double high) {
  const auto x = [&](double share) { return 4 + 132 * std::clamp((share - low) / (high - low), 0., 1.); };
  std::string body = line(4, 9, 136, 9, "stroke='var(--line)'");
  if (std::isfinite(value))
    body += line(x(interval.low), 9, x(interval.high), 9, "stroke='var(--accent)' stroke-width='3'") +
            "<circle cx='" + number(x(value)) + "' cy='9' r='4.5' fill='var(--accent)'/>";
  return svg::drawing(140, 18, percent(value) + " %", body);
}

}  // namespace regard

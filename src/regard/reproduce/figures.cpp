#include "regard/reproduce/figures.h"

#include <algorithm>
#include <cmath>

#include "regard/eval/page.h"
#include "regard/eval/plots.h"
#include "regard/reproduce/charts.h"

namespace regard {

namespace {

std::string column_title(const std::string& column) {
  if (column == "occlusion") return "Covered faces";
  if (column == "pose30") return "Faces turned by more than 30°";
  if (column == "pose45") return "Faces turned by more than 45°";
  return "All faces";
}

Measured measured_in(const RowResult& result, const std::string& column) {
  Measured measured;
  if (result.row.paper.contains(column)) measured.paper = result.row.paper.at(column).get<double>() / 100;
  const auto found = result.cells.find(column);
  if (!result.why_not.empty() || found == result.cells.end() || !found->second.why_not.empty())
    return measured;
  measured.value = found->second.metrics.accuracy();
  measured.interval = found->second.metrics.accuracy_interval();
  return measured;
}

bool is_told(const TableResult& table, const std::string& column) {
  return std::ranges::any_of(
      table.rows, [&](const auto& result) { return std::isfinite(measured_in(result, column).value); });
}

/// A figure for each column that was measured.
template <class Draw>
std::string figure_by_column(const TableResult& table, Draw draw) {
  std::string html;
  for (const auto& column : table.manifest.columns)
    if (is_told(table, column))
      html +=
          "<figure><figcaption><b>" + column_title(column) + "</b></figcaption>" + draw(column) + "</figure>";
  return html;
}

constexpr const char* kLegend =
    "<p class='soft'>With 95 % intervals. Open orange circles: the paper's numbers, on its own pictures and "
    "by its own "
    "training.</p>";

std::string bars(const TableResult& table) {
  const auto html = figure_by_column(table, [&](const std::string& column) {
    std::vector<Bar> bars;
    for (const auto& result : table.rows) bars.push_back({result.row.label, measured_in(result, column)});
    return bars_svg(bars);
  });
  return html.empty() ? "" : "<h2>As bars</h2>" + std::string(kLegend) + html;
}

std::string curves(const TableResult& table) {
  const auto html = figure_by_column(table, [&](const std::string& column) {
    std::vector<Curve> curves;
    for (const auto& result : table.rows) {
      const auto& name = result.row.series.empty() ? std::string("RAN") : result.row.series;
      auto curve = std::ranges::find(curves, name, &Curve::name);
      if (curve == curves.end()) curve = curves.insert(curves.end(), {name, {}});
      curve->points.push_back({result.row.x, measured_in(result, column)});
    }
    return curves_svg(curves, table.manifest.across);
  });
  return html.empty() ? "" : "<h2>As a curve</h2>" + std::string(kLegend) + html;
}

std::string confusions(const TableResult& table) {
  std::string html;
  for (const auto& column : table.manifest.columns) {
    if (!is_told(table, column)) continue;
    html += "<h2>" + column_title(column) +
            "</h2><p class='soft'>Rows are the true labels, columns the predicted ones; each number is the "
            "percentage "
            "of its row.</p><div class='plots'>";
    for (const auto& result : table.rows) {
      const auto found = result.cells.find(column);
      if (!result.why_not.empty() || found == result.cells.end() || !found->second.why_not.empty()) continue;
      const auto& metrics = found->second.metrics;
      html += "<figure><figcaption><b>" + escape_html(result.row.label) + "</b><br>" +
              std::to_string(metrics.count()) + " pictures (" + escape_html(found->second.pictures) +
              "); accuracy " + percent(metrics.accuracy()) + " % (" +
              range(metrics.accuracy_interval(), 100, 1) + ")</figcaption>" +
              confusion_svg(metrics, table.labels) + "</figure>";
    }
    html += "</div>";
  }
  return html;
}

/// The part of a chip that an upright view shows.
Image cut(const Image& chip, const Affine& view) {
  const auto pixel = [](float share, int side) {
    return std::clamp(static_cast<int>(std::lround(share * static_cast<float>(side))), 0, side);
  };
  const Point low = view({0, 0}), high = view({1, 1});
  const int left = std::min(pixel(low.x, chip.width), chip.width - 1),
            top = std::min(pixel(low.y, chip.height), chip.height - 1);
  const int right = std::max(pixel(high.x, chip.width), left + 1),
            bottom = std::max(pixel(high.y, chip.height), top + 1);
  Image part(right - left, bottom - top, chip.channels);
  for (int y = 0; y < part.height; ++y)
    std::copy_n(chip.row(top + y) + left * chip.channels, part.width * chip.channels, part.row(y));
  return part;
}

std::string views_html(const AttendedFace& face, const std::vector<float>& weights) {
  const auto [least, most] = std::ranges::minmax_element(weights);
  std::string html = "<div class='views'>";
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const char* extreme = &weights[i] == &*most ? " most" : &weights[i] == &*least ? " least" : "";
    html += std::string("<div class='view") + extreme + "'><img alt='' src='" +
            data_uri(cut(face.chip, face.views[i])) +
            "'><div class='bar' style='width:" + fixed(100 * weights[i] / *most, 0) + "%'></div><b>" +
            fixed(weights[i], 3) + "</b><br>" + escape_html(face.view_names[i]) + "</div>";
  }
  return html + "</div>";
}

std::string attention(const TableResult& table) {
  std::string html;
  for (const auto& face : table.faces) {
    std::string faces;
    for (std::size_t i = 0; i < face.weights.size(); ++i)
      if (!face.weights[i].empty())
        faces += "<figcaption>" + escape_html(table.rows[i].row.label) + "</figcaption>" +
                 views_html(face, face.weights[i]);
    if (!faces.empty())
      html += "<figure><figcaption><b>" + escape_html(face.label) + "</b>, " + escape_html(face.why) + ": " +
              escape_html(face.name) + "</figcaption>" + faces + "</figure>";
  }
  if (html.empty()) return "";
  return "<h2>Where attention goes</h2><p class='soft'>Of each face its views with their shares in the "
         "answer (both "
         "attentions multiplied; they sum to 1). Orange: the largest; blue: the smallest. The faces are "
         "taken at equal "
         "distances from the list of covered, turned and all pictures, whatever they look like.</p>" +
         html;
}

}  // namespace

std::string figures_html(const TableResult& table) {
  const auto& kind = table.manifest.kind;
  if (kind == "bars") return bars(table);
  if (kind == "curve") return curves(table);
  if (kind == "confusion") return confusions(table);
  if (kind == "attention") return attention(table);
  return "";
}

}  // namespace regard

#include "lab/reproduce/figures.h"

#include <algorithm>
#include <cmath>

#include "lab/report/charts.h"
#include "lab/report/page.h"
#include "lab/report/plots.h"

namespace regard {

namespace {

std::string column_title(const std::string& column) {
  if (column == "occlusion") return "Occluded faces";
  if (column == "pose30") return "Faces with |yaw| or |pitch| above 30°";
  if (column == "pose45") return "Faces with |yaw| or |pitch| above 45°";
  return "All faces";
}

PlottedResult plotted_result(const RowResult& result, const std::string& column) {
  PlottedResult plotted;
  if (result.row.paper.contains(column)) plotted.paper = result.row.paper.at(column).get<double>() / 100;
  const auto found = result.cells.find(column);
  if (!result.skip_reason.empty() || found == result.cells.end() || !found->second.skip_reason.empty())
    return plotted;
  plotted.value = found->second.metrics.accuracy();
  plotted.interval = found->second.metrics.accuracy_interval();
  return plotted;
}

bool is_told(const TableResult& table, const std::string& column) {
  return std::ranges::any_of(
      table.rows, [&](const auto& result) { return std::isfinite(plotted_result(result, column).value); });
}

std::string bars(const TableResult& table, const std::string& column) {
  std::vector<Bar> bars;
  for (const auto& result : table.rows) bars.push_back({result.row.label, plotted_result(result, column)});
  return bars_svg(bars);
}

std::string curves(const TableResult& table, const std::string& column) {
  std::vector<Curve> curves;
  for (const auto& result : table.rows) {
    const auto& name = result.row.series.empty() ? std::string("RAN") : result.row.series;
    auto curve = std::ranges::find(curves, name, &Curve::name);
    if (curve == curves.end()) curve = curves.insert(curves.end(), {name, {}});
    curve->points.push_back({result.row.x, plotted_result(result, column)});
  }
  return curves_svg(curves, table.manifest.across);
}

std::string charts_html(const TableResult& table, const std::string& heading,
                        const std::string& legend = "") {
  std::string html;
  for (const auto& chart : charts_of(table))
    html +=
        "<figure><figcaption><b>" + escape_html(chart.title) + "</b></figcaption>" + chart.svg + "</figure>";
  return html.empty() ? "" : "<h2>" + heading + "</h2>" + legend + html;
}

constexpr const char* kLegend =
    "<p class='soft'>With 95 % intervals. Open orange circles: the paper's numbers, on its own images and by "
    "its own training.</p>";

std::string confusions(const TableResult& table) {
  std::string html;
  for (const auto& column : table.manifest.columns) {
    if (!is_told(table, column)) continue;
    html += "<h2>" + column_title(column) +
            "</h2><p class='soft'>Rows are the true labels, columns the predicted ones; each number is the "
            "percentage of its row.</p><div class='plots'>";
    for (const auto& result : table.rows) {
      const auto found = result.cells.find(column);
      if (!result.skip_reason.empty() || found == result.cells.end() || !found->second.skip_reason.empty())
        continue;
      const auto& metrics = found->second.metrics;
      html += "<figure><figcaption><b>" + escape_html(result.row.label) + "</b><br>" +
              std::to_string(metrics.count()) + " images (" + escape_html(found->second.images) +
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

/// The chip with the outlines of the views.
std::string outlines_html(const AttendedFace& face, const AttendedViews& views) {
  constexpr double kSide = 84;
  std::string outlines;
  for (const auto& place : views.places) {
    const Point low = place({0, 0}), high = place({1, 1});
    outlines += "<rect x='" + fixed(kSide * low.x, 1) + "' y='" + fixed(kSide * low.y, 1) + "' width='" +
                fixed(kSide * (high.x - low.x), 1) + "' height='" + fixed(kSide * (high.y - low.y), 1) +
                "'/>";
  }
  return "<div class='view'><svg class='outlines' viewBox='0 0 84 84'><image width='84' height='84' href='" +
         data_uri(face.chip) + "'/>" + outlines + "</svg></div>";
}

std::string views_html(const AttendedFace& face, const AttendedViews& views, bool outlined) {
  const auto& weights = views.weights;
  const auto [least, most] = std::ranges::minmax_element(weights);
  std::string html = "<div class='views'>" + (outlined ? outlines_html(face, views) : "");
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const char* extreme = &weights[i] == &*most ? " most" : &weights[i] == &*least ? " least" : "";
    html += std::string("<div class='view") + extreme + "'><img alt='' src='" +
            data_uri(cut(face.chip, views.places[i])) +
            "'><div class='bar' style='width:" + fixed(100 * weights[i] / *most, 0) + "%'></div><b>" +
            fixed(weights[i], 3) + "</b><br>" + escape_html(views.names[i]) + "</div>";
  }
  return html + "</div>";
}

/// Every face with its views by each row.
std::string faces_html(const TableResult& table, bool outlined) {
  std::string html;
  for (const auto& face : table.faces) {
    std::string faces;
    for (std::size_t i = 0; i < face.rows.size(); ++i)
      if (!face.rows[i].weights.empty())
        faces += "<div><figcaption>" + escape_html(table.rows[i].row.label) + "</figcaption>" +
                 views_html(face, face.rows[i], outlined) + "</div>";
    if (!faces.empty())
      html += "<figure><figcaption><b>" + escape_html(face.label) + "</b>, " + escape_html(face.why) + ": " +
              escape_html(face.name) + "</figcaption><div class='rows'>" + faces + "</div></figure>";
  }
  return html;
}

std::string attention(const TableResult& table) {
  const auto html = faces_html(table, false);
  if (html.empty()) return "";
  return "<h2>Where attention goes</h2><p class='soft'>The views of each face with their weights (the "
         "product of both attentions, normalised). Orange: the largest; blue: the smallest. The faces are "
         "equally spaced in the lists of occluded, non-frontal and all images.</p>" +
         html;
}

std::string spread_cell(const Spread& spread) {
  return "<td>" + fixed(spread.mean, 3) + "<span class='soft'>± " + fixed(spread.std, 3) + "</span>";
}

std::string study_rows(const RowResult& result) {
  const auto& all = result.cells.at("all").metrics;
  std::string html;
  for (const auto& scale : result.scales->views) {
    const double lost = all.accuracy() - scale.without->accuracy();
    html += "<tr><td>" + (&scale == &result.scales->views.front() ? escape_html(result.row.label) : "") +
            "<td class='left'>" + escape_html(scale.name) + spread_cell(scale.weight) +
            spread_cell(scale.place->x) + spread_cell(scale.place->y) + spread_cell(scale.place->side) +
            "<td>" + percent(scale.without->accuracy()) + "<span class='soft'>" + (lost < 0 ? "+" : "−") +
            fixed(100 * std::abs(lost), 1) + "</span><td>" +
            (&scale == &result.scales->views.front() ? fixed(result.scales->entropy, 3) : "") + "</tr>";
  }
  return html;
}

/// Weights and places of the scales, and the accuracy lost without them.
std::string studies(const TableResult& table) {
  std::string rows;
  for (const auto& result : table.rows)
    if (result.skip_reason.empty() && result.scales && result.cells.contains("all"))
      rows += study_rows(result);
  if (rows.empty()) return "";
  return "<h2>Whether the scales are real</h2><p class='soft'>Means over all images; small print: standard "
         "deviations over faces, and the loss of accuracy without the scale. Places are fractions of the "
         "chip. Entropy is that of the gate: 1 if all scales always have the same weight.</p><div "
         "class='scroll'><table class='stacked'><tr><th><th class='left'>scale<th>weight<th>centre, "
         "x<th>centre, y<th>side<th>accuracy without, %<th>entropy</tr>" +
         rows + "</table></div>";
}

/// The weights of the losses during training; "" for rows without learned weights.
std::string loss_weights(const RowResult& result) {
  if (!result.skip_reason.empty() || !result.recipe.at("loss").value("learned_weights", false)) return "";
  std::vector<Line> lines;
  for (const auto& entry : result.losses)
    for (const auto& [name, weight] : entry.at("weights").items()) {
      auto line = std::ranges::find(lines, name, &Line::name);
      if (line == lines.end()) line = lines.insert(lines.end(), {name, {}});
      line->points.emplace_back(entry.at("step").get<double>(), weight.get<double>());
    }
  return lines_svg(lines, "step", "weight");
}

std::string scales(const TableResult& table) {
  const auto faces = faces_html(table, true);
  return studies(table) +
         (faces.empty() ? ""
                        : "<h2>Where the scales look</h2><p class='soft'>For each face the nested regions of "
                          "all scales, then each region with its weight. The faces are those with a yaw "
                          "closest to -45, -25, 0, 25 and 45 degrees.</p>" +
                              faces) +
         charts_html(table, "What each loss counts for");
}

}  // namespace

std::vector<Chart> charts_of(const TableResult& table) {
  const auto& kind = table.manifest.kind;
  std::vector<Chart> charts;
  if (kind == "bars" || kind == "curve")
    for (const auto& column : table.manifest.columns)
      if (is_told(table, column))
        charts.push_back(
            {column, column_title(column), kind == "bars" ? bars(table, column) : curves(table, column)});
  if (kind == "scales")
    for (std::size_t i = 0; i < table.rows.size(); ++i)
      if (const auto svg = loss_weights(table.rows[i]); !svg.empty())
        charts.push_back({"losses-" + std::to_string(i + 1), table.rows[i].row.label, svg});
  return charts;
}

std::string figures_html(const TableResult& table) {
  const auto& kind = table.manifest.kind;
  if (kind == "bars") return charts_html(table, "As bars", kLegend);
  if (kind == "curve") return charts_html(table, "As a curve", kLegend);
  if (kind == "confusion") return confusions(table);
  if (kind == "attention") return attention(table);
  if (kind == "scales") return scales(table);
  return "";
}

}  // namespace regard

#include "lab/reproduce/figures.h"

#include <algorithm>
#include <cmath>

#include "lab/report/charts.h"
#include "lab/report/page.h"
#include "lab/report/plots.h"
#include "lab/reproduce/columns.h"
#include "regard/core/text.h"

namespace regard {

namespace {

std::string column_title(const std::string& column) {
  return find_column(column, {}).title;
}

PlottedResult plotted_result(const RowResult& result, const std::string& column) {
  PlottedResult plotted;
  if (result.row.paper.contains(column)) plotted.paper = result.row.paper.at(column).get<double>() / 100;
  if (const auto* cell = told_cell(result, column)) {
    plotted.value = cell->value;
    plotted.interval = cell->interval.value_or(Interval{});
  }
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

std::vector<Chart> column_charts(const TableResult& table,
                                 std::string (*draw)(const TableResult&, const std::string&)) {
  std::vector<Chart> charts;
  for (const auto& column : table.manifest.columns)
    if (is_told(table, column)) charts.push_back({column, column_title(column), draw(table, column)});
  return charts;
}

std::string charts_html(const std::vector<Chart>& charts, const std::string& heading,
                        const std::string& legend = "") {
  std::string html;
  for (const auto& chart : charts)
    html +=
        "<figure><figcaption><b>" + escape_html(chart.title) + "</b></figcaption>" + chart.svg + "</figure>";
  return html.empty() ? "" : "<h2>" + heading + "</h2>" + legend + html;
}

constexpr const char* kLegend =
    "<p class='soft'>With 95 % intervals. Open orange circles: the paper's numbers, on its own images and by "
    "its own training.</p>";

/// The paper's matrix for a row and column, [true][predicted]; none if it has none.
std::vector<std::vector<double>> paper_matrix(const TableResult& table, const ManifestRow& row,
                                              const std::string& column) {
  std::vector<std::vector<double>> shares(table.labels.size(), std::vector<double>(table.labels.size()));
  bool any = false;
  for (const auto& cell : table.manifest.cells) {
    if (cell.dataset != row.dataset || cell.column != column || cell.network != row.network) continue;
    const auto place = [&](const std::string& label) {
      return static_cast<std::size_t>(std::ranges::find(table.labels, label) - table.labels.begin());
    };
    if (place(cell.label) == shares.size() || place(cell.predicted) == shares.size()) continue;
    shares[place(cell.label)][place(cell.predicted)] = cell.share;
    any = true;
  }
  if (!any) shares.clear();
  return shares;
}

std::string confusion_html(const TableResult& table, const RowResult& result, const std::string& column) {
  std::string html;
  if (const auto* cell = told_cell(result, column))
    html += "<figure><figcaption><b>" + escape_html(result.row.label) + ", ours</b><br>" +
            std::to_string(cell->count) + " images (" + escape_html(cell->images) + "); accuracy " +
            percent(cell->value) + " % (" + range(cell->interval.value_or(Interval{}), 100, 1) +
            ")</figcaption>" + confusion_svg(cell->metrics, table.labels) + "</figure>";
  if (const auto shares = paper_matrix(table, result.row, column); !shares.empty())
    html += "<figure><figcaption><b>" + escape_html(result.row.label) + ", the paper's</b><br>" +
            (result.row.paper.contains(column)
                 ? "accuracy " + fixed(result.row.paper.at(column).get<double>(), 2) + " %"
                 : "") +
            "</figcaption>" + confusion_svg(shares, table.labels) + "</figure>";
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

std::string spread_words(const Spread& spread) {
  return fixed(spread.mean, 3) + " ± " + fixed(spread.std, 3);
}

/// What Figure 6 is about, over whole sets: a line for every row and column.
std::vector<std::vector<std::string>> attention_lines(const TableResult& table) {
  std::vector<std::vector<std::string>> lines;
  for (const auto& column : table.manifest.columns)
    for (const auto& result : table.rows) {
      const auto found = result.attention.find(column);
      if (found == result.attention.end()) continue;
      const auto& facts = found->second;
      lines.push_back({find_column(column, {}).words, result.row.label, std::to_string(facts.count),
                       range(facts.whole_first, 100, 1), spread_words(facts.whole),
                       spread_words(facts.unevenness),
                       facts.centre_first ? range(*facts.centre_first, 100, 1) : "–"});
    }
  return lines;
}

const std::vector<std::string> kAttentionHeads{"images",
                                               "row",
                                               "count",
                                               "whole face has largest weight, % (95 %)",
                                               "its weight, 1 is average",
                                               "unevenness over views",
                                               "centre outweighs upper corners, % (95 %)"};
constexpr const char* kAttentionAbout =
    "Weights on the paper's scale, the softmax over the views of both attentions' product, times the number "
    "of views. The paper says of its examples that without the region-biased loss the whole face tends to "
    "have the largest weight and the weights of all views are smoother, and that on non-frontal faces "
    "regions about the centre outweigh the upper corners.";

std::string spread_cell(const Spread& spread) {
  return "<td>" + fixed(spread.mean, 3) + "<span class='soft'>± " + fixed(spread.std, 3) + "</span>";
}

std::string study_rows(const RowResult& result) {
  const auto& all = result.cells.begin()->second.metrics;
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
    if (result.is_run() && result.scales) rows += study_rows(result);
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
  if (!result.is_run() || result.models.empty() ||
      !result.model().recipe.at("loss").value("learned_weights", false))
    return "";
  std::vector<Line> lines;
  for (const auto& entry : result.model().losses)
    for (const auto& [name, weight] : entry.at("weights").items()) {
      auto line = std::ranges::find(lines, name, &Line::name);
      if (line == lines.end()) line = lines.insert(lines.end(), {name, {}});
      line->points.emplace_back(entry.at("step").get<double>(), weight.get<double>());
    }
  return lines_svg(lines, "step", "weight");
}

/// A table in HTML of lines of text.
std::string lines_html(const std::vector<std::string>& heads,
                       const std::vector<std::vector<std::string>>& lines) {
  std::string html = "<div class='scroll'><table class='facts'><tr>";
  for (const auto& head : heads) html += "<th class='left'>" + escape_html(head);
  for (const auto& line : lines) {
    html += "</tr><tr>";
    for (const auto& text : line) html += "<td>" + escape_html(text);
  }
  return html + "</tr></table></div>";
}

std::string spread_text(const Spread& spread) {
  return fixed(spread.mean, 3) + " (" + fixed(spread.std, 3) + ")";
}

std::vector<Chart> loss_charts(const TableResult& table) {
  std::vector<Chart> charts;
  for (std::size_t i = 0; i < table.rows.size(); ++i)
    if (const auto svg = loss_weights(table.rows[i]); !svg.empty())
      charts.push_back({"losses-" + std::to_string(i + 1), table.rows[i].row.label, svg});
  return charts;
}

}  // namespace

const Cell* told_cell(const RowResult& result, const std::string& column) {
  const auto found = result.cells.find(column);
  return result.is_run() && found != result.cells.end() && found->second.skip_reason.empty() ? &found->second
                                                                                             : nullptr;
}

std::string markdown_lines(const std::vector<std::string>& heads,
                           const std::vector<std::vector<std::string>>& lines) {
  if (lines.empty()) return "";
  std::string text = "| " + join(heads, " | ") + " |\n|";
  for (std::size_t i = 0; i < heads.size(); ++i) text += "---|";
  for (const auto& line : lines) text += "\n| " + join(line, " | ") + " |";
  return text + "\n\n";
}

std::vector<Chart> bar_charts(const TableResult& table) {
  return column_charts(table, bars);
}

std::string bars_html(const TableResult& table) {
  return charts_html(bar_charts(table), "As bars", kLegend);
}

std::vector<Chart> curve_charts(const TableResult& table) {
  return column_charts(table, curves);
}

std::string curves_html(const TableResult& table) {
  return charts_html(curve_charts(table), "As a curve", kLegend);
}

std::string confusions_html(const TableResult& table) {
  std::string html;
  for (const auto& column : table.manifest.columns) {
    std::string matrices;
    for (const auto& result : table.rows) matrices += confusion_html(table, result, column);
    if (!matrices.empty())
      html += "<h2>" + column_title(column) +
              "</h2><p class='soft'>Rows are the true labels, columns the predicted ones; each number is the "
              "percentage of its row.</p><div class='plots'>" +
              matrices + "</div>";
  }
  return html;
}

std::string recalls_markdown(const TableResult& table) {
  std::vector<std::vector<std::string>> lines;
  for (const auto& column : table.manifest.columns)
    for (const auto& result : table.rows) {
      const auto* cell = told_cell(result, column);
      const auto paper = paper_matrix(table, result.row, column);
      std::vector<std::string> line{find_column(column, {}).words, result.row.label};
      for (std::size_t i = 0; i < table.labels.size(); ++i)
        line.push_back((cell ? percent(cell->metrics.recall(i)) : "–") + " / " +
                       (paper.empty() ? "–" : fixed(100 * paper[i][i], 0)));
      if (cell || !paper.empty()) lines.push_back(line);
    }
  std::vector<std::string> heads{"images", "row"};
  heads.insert(heads.end(), table.labels.begin(), table.labels.end());
  return table.labels.empty()
             ? ""
             : "Recall of every label in percent, ours / the paper's:\n\n" + markdown_lines(heads, lines);
}

std::string attention_html(const TableResult& table) {
  const auto lines = attention_lines(table);
  const auto faces = faces_html(table, false);
  return (lines.empty() ? ""
                        : "<h2>Over whole sets</h2><p class='soft'>" + std::string(kAttentionAbout) + "</p>" +
                              lines_html(kAttentionHeads, lines)) +
         (faces.empty()
              ? ""
              : "<h2>Where attention goes</h2><p class='soft'>The views of each face with their weights (the "
                "product of both attentions, normalised). Orange: the largest; blue: the smallest. The faces "
                "are equally spaced in the lists of occluded, non-frontal and all images.</p>" +
                    faces);
}

std::string attention_markdown(const TableResult& table) {
  const auto lines = attention_lines(table);
  return lines.empty() ? "" : std::string(kAttentionAbout) + "\n\n" + markdown_lines(kAttentionHeads, lines);
}

std::vector<Chart> scales_charts(const TableResult& table) {
  return loss_charts(table);
}

std::string scales_html(const TableResult& table) {
  const auto faces = faces_html(table, true);
  return studies(table) +
         (faces.empty() ? ""
                        : "<h2>Where the scales look</h2><p class='soft'>For each face the nested regions of "
                          "all scales, then each region with its weight. The faces are those with a yaw "
                          "closest to -45, -25, 0, 25 and 45 degrees.</p>" +
                              faces) +
         charts_html(loss_charts(table), "What each loss counts for");
}

std::string scales_markdown(const TableResult& table) {
  std::vector<std::vector<std::string>> lines;
  for (const auto& result : table.rows) {
    if (!result.is_run() || !result.scales) continue;
    for (const auto& scale : result.scales->views)
      lines.push_back({result.row.label, scale.name, spread_text(scale.weight), spread_text(scale.place->x),
                       spread_text(scale.place->y), spread_text(scale.place->side),
                       percent(scale.without->accuracy()), fixed(result.scales->entropy, 3)});
  }
  if (lines.empty()) return "";
  return "For each scale, the mean and the standard deviation over all images; places are fractions of the "
         "chip; the entropy is that of the gate, 1 if all scales always have the same weight.\n"
         "\n" +
         markdown_lines(
             {"row", "scale", "weight", "centre, x", "centre, y", "side", "accuracy without, %", "entropy"},
             lines);
}

}  // namespace regard

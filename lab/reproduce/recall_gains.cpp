#include "lab/reproduce/recall_gains.h"

#include <algorithm>
#include <set>

#include "lab/report/page.h"
#include "lab/report/plots.h"
#include "lab/reproduce/columns.h"
#include "lab/reproduce/figures.h"
#include "lab/reproduce/report_facts.h"
#include "regard/core/csv.h"
#include "regard/core/text.h"

namespace regard {

namespace {

constexpr const char* kAbout =
    "Points over the row that each row is compared with, and the 95 % interval; in brackets, how many images "
    "have the label. Of so many intervals, one in twenty leaves out 0 where nothing differs.";

/// The gains on the same images: heads are "row" and the expressions, lines have a cell for each.
struct Gains {
  std::string title;
  std::vector<std::string> heads;
  std::vector<std::vector<std::string>> lines;
};

std::vector<std::string> heads_of(const Cell& cell) {
  std::vector<std::string> heads{"row"};
  for (const auto& gain : cell.recall_gains)
    heads.push_back(gain.label + " (" + std::to_string(gain.count) + ")");
  return heads;
}

std::vector<std::string> line_of(const RowResult& result, const Cell& cell) {
  std::vector<std::string> line{result.row.label};
  for (const auto& [label, count, gain] : cell.recall_gains)
    line.push_back(rounded_points(gain.mean) + " (" + interval_points(gain.interval) + ")");
  return line;
}

bool has_several_sets(const TableResult& table) {
  std::set<std::string> names;
  for (const auto& result : table.rows) names.insert(result.row.dataset);
  return names.size() > 1;
}

std::vector<Gains> gains_of(const TableResult& table) {
  std::vector<Gains> all;
  const bool several = has_several_sets(table);
  for (const auto& column : table.manifest.columns)
    for (const auto& result : table.rows) {
      const auto* cell = told_cell(result, column);
      if (!cell || cell->recall_gains.empty()) continue;
      const auto title =
          std::string(find_column(column, {}).words) + (several ? ", " + result.row.dataset : "");
      const auto heads = heads_of(*cell);
      auto gains = std::ranges::find_if(
          all, [&](const Gains& one) { return one.title == title && one.heads == heads; });
      if (gains == all.end()) gains = all.insert(all.end(), {title, heads, {}});
      gains->lines.push_back(line_of(result, *cell));
    }
  return all;
}

std::string html_line(const std::vector<std::string>& fields, const char* tag) {
  std::string html = "<tr>";
  for (const auto& field : fields) html += std::string("<") + tag + ">" + escape_html(field);
  return html + "</tr>";
}

}  // namespace

std::string recall_gains_html(const TableResult& table) {
  std::string html;
  for (const auto& [title, heads, lines] : gains_of(table)) {
    html += "<h3>" + escape_html(title) + "</h3><div class='scroll'><table>" + html_line(heads, "th");
    for (const auto& line : lines) html += html_line(line, "td");
    html += "</table></div>";
  }
  if (html.empty()) return "";
  return std::string("<h2>Gain in the recall of each expression</h2><p class='soft'>") + kAbout + "</p>" +
         html;
}

std::string recall_gains_markdown(const TableResult& table) {
  std::string text;
  for (const auto& [title, heads, lines] : gains_of(table))
    text += title + ":\n\n" + markdown_lines(heads, lines);
  return text.empty() ? "" : std::string("Gain in the recall of each expression. ") + kAbout + "\n\n" + text;
}

std::string recall_gains_csv(const TableResult& table) {
  std::string csv = "table,row,column,label,count,gain,low,high\n";
  for (const auto& result : table.rows)
    for (const auto& column : table.manifest.columns) {
      const auto* cell = told_cell(result, column);
      if (!cell) continue;
      for (const auto& [label, count, gain] : cell->recall_gains)
        csv +=
            join(std::vector{csv_field(table.manifest.name), csv_field(result.row.label), csv_field(column),
                             csv_field(label), std::to_string(count), fixed(gain.mean, 6),
                             fixed(gain.interval.low, 6), fixed(gain.interval.high, 6)},
                 ",") +
            "\n";
    }
  return csv;
}

}  // namespace regard

#include "lab/reproduce/report.h"

#include <cmath>
#include <sstream>

#include "lab/report/page.h"
#include "lab/report/plots.h"
#include "lab/reproduce/columns.h"
#include "lab/reproduce/kinds.h"
#include "lab/reproduce/recall_gains.h"
#include "lab/reproduce/report_facts.h"
#include "regard/core/csv.h"
#include "regard/core/text.h"

namespace regard {

namespace {

constexpr const char* kStyle =
    "<style>.why { color: var(--soft); white-space: normal; min-width: 110px; } th.group { text-align: "
    "center; border-bottom: 1px solid var(--line); } table.facts td { text-align: left; white-space: normal; "
    "} td.paper { color: var(--soft); } .note { border-left: 4px solid var(--miss); padding: 2px 14px; } "
    ".views { display: grid; grid-auto-flow: column; justify-content: start; gap: 6px; margin: 4px 0 12px; } "
    ".view { font-size: 12.5px; text-align: center; width: 84px; } .view img { width: 84px; height: 84px; "
    "display: block; object-fit: fill; border-radius: 4px; } .view .bar { height: 6px; background: "
    "var(--soft); } table.stacked td .soft { display: block; min-width: 0; margin-left: 0; text-align: "
    "right; } .rows { display: flex; flex-wrap: wrap; gap: 0 40px; } svg.outlines { width: 84px; height: "
    "84px; display: block; } svg.outlines rect { fill: none; stroke: var(--miss); stroke-width: 1.5; } "
    ".view.most b { color: var(--miss); } .view.least b { color: var(--accent); } .view.most .bar { "
    "background: var(--miss); } .view.least .bar { background: var(--accent); }"
    "</style>";

/// A cell's number as its kind has it.
std::string value_words(const TableKind& kind, const Cell& cell) {
  if (kind.shares) return percent(cell.value);
  return fixed(cell.value, cell.value == std::floor(cell.value) ? 0 : 1);
}

/// "84.8–87.2", with the standard deviation over runs where there are several.
std::string spread_words(const Cell& cell) {
  std::string words = cell.interval ? range(*cell.interval, 100, 1) : "";
  if (cell.std)
    words += ", ± " + fixed(100 * *cell.std, 1) + " over " + std::to_string(cell.right.size()) + " runs";
  return words;
}

std::string paper_words(const TableKind& kind, const ManifestRow& row, const std::string& column,
                        const std::string& none) {
  return row.paper.contains(column) ? fixed(row.paper.at(column).get<double>(), kind.shares ? 2 : 0) : none;
}

std::string label_words(const RowResult& result) {
  return result.row.label + (result.remarks.empty() ? "" : " (" + join(result.remarks, "; ") + ")");
}

/// The paper's number, where there is a column for it.
std::string paper_cell(const TableResult& table, const RowResult& result, const std::string& column) {
  const auto& kind = find_kind(table.manifest.kind);
  return has_paper(table) ? "<td class='paper'>" + paper_words(kind, result.row, column, "–") : "";
}

std::string cell_html(const TableResult& table, const RowResult& result, const std::string& column) {
  auto html = paper_cell(table, result, column);
  const auto found = result.cells.find(column);
  if (!result.is_run() || found == result.cells.end()) return html + "<td>–<td>";
  const Cell& cell = found->second;
  if (!cell.skip_reason.empty()) return html + "<td class='why' colspan='2'>" + escape_html(cell.skip_reason);
  html += "<td>" + value_words(find_kind(table.manifest.kind), cell) + "<span class='soft'>" +
          spread_words(cell) + "</span><td>";
  return html + (cell.gain ? rounded_points(cell.gain->mean) + "<span class='soft'>" +
                                 interval_points(cell.gain->interval) + "</span>"
                           : "");
}

std::string row_html(const TableResult& table, const RowResult& result) {
  std::string html = "<tr><td>" + escape_html(result.row.label);
  for (const auto& remark : result.remarks) html += "<span class='soft'>" + escape_html(remark) + "</span>";
  const auto columns = table.manifest.columns.size();
  if (result.is_run() || result.row.is_quoted()) {
    for (const auto& column : table.manifest.columns) html += cell_html(table, result, column);
    return html + "</tr>";
  }
  html += paper_cell(table, result, table.manifest.columns.front()) + "<td class='why left' colspan='" +
          std::to_string((has_paper(table) ? 3 * columns : 2 * columns + 1) - 1) + "'>" +
          escape_html(result.skip_reason);
  return html + "</tr>";
}

std::string table_html(const TableResult& table) {
  const auto& kind = find_kind(table.manifest.kind);
  const bool many = table.manifest.columns.size() > 2;
  std::string html =
      std::string("<div class='scroll'><table") + (many ? " class='stacked'" : "") + "><tr><th>";
  for (const auto& column : table.manifest.columns)
    html += std::string("<th class='group' colspan='") + (has_paper(table) ? "3" : "2") + "'>" +
            escape_html(find_column(column, {}).words);
  html += "</tr><tr><th>";
  for (std::size_t i = 0; i < table.manifest.columns.size(); ++i)
    html += std::string(has_paper(table) ? "<th>paper" : "") + "<th>" + kind.ours + "<th>" +
            (kind.shares ? "gain, points" : "");
  html += "</tr>";
  for (const auto& result : table.rows) html += row_html(table, result);
  return html + "</table></div>";
}

std::string facts_html(const std::vector<Difference>& lines, const std::string& what) {
  if (lines.empty()) return "";
  std::string html = "<h2>Differences from the " + what +
                     "</h2><div class='scroll'><table class='facts'><tr><th class='left'>"
                     "<th class='left'>there<th class='left'>here</tr>";
  for (const auto& line : lines)
    html += "<tr><td>" + escape_html(line.what) + "<td>" + escape_html(line.paper) + "<td>" +
            escape_html(line.here) + "</tr>";
  return html + "</table></div>";
}

std::string data_words(const RowResult& result) {
  return result.row.dataset + " " + (result.split.empty() ? result.row.split : result.split) +
         (result.row.aligned ? ", aligned" : ", as they are");
}

/// The folders of a row's trainings.
std::string runs_words(const RowResult& result) {
  std::vector<std::string> runs;
  for (const auto& folds : result.models)
    for (const auto& model : folds) runs.push_back(model.run);
  return runs.empty() ? "–" : join(runs);
}

std::string hash_of(const RowResult& result) {
  return result.models.empty() ? "" : result.model().hash;
}

std::string runs_html(const TableResult& table) {
  std::string html =
      "<h2>The runs</h2><div class='scroll'><table class='facts'><tr><th class='left'>row<th "
      "class='left'>images"
      "<th class='left'>run<th class='left'>model's SHA-256<th class='left'>note</tr>";
  for (const auto& result : table.rows)
    html += "<tr><td>" + escape_html(result.row.label) + "<td>" +
            (result.row.is_quoted() ? "–" : escape_html(data_words(result))) + "<td>" +
            escape_html(runs_words(result)) + "<td>" + hash_of(result).substr(0, 12) + "<td>" +
            escape_html(result.row.note) + "</tr>";
  return html + "</table></div>";
}

std::string chart_name(const TableResult& table, const Chart& chart) {
  return table.manifest.name + "-" + chart.name + ".svg";
}

std::vector<Chart> charts_of(const TableResult& table) {
  const auto& kind = find_kind(table.manifest.kind);
  return kind.charts ? kind.charts(table) : std::vector<Chart>{};
}

constexpr const char* kSmallPrint =
    ". Small print: 95 % intervals. For a single run, Wilson's for proportions, and for gains over the first "
    "row (or the one that the table names) bootstrap over the same images; for several runs, bootstrap over "
    "runs and images.";

/// A row of the Markdown's table.
std::vector<std::string> markdown_row(const TableResult& table, const RowResult& result) {
  const auto& kind = find_kind(table.manifest.kind);
  std::vector<std::string> fields{label_words(result)};
  for (const auto& column : table.manifest.columns) {
    if (has_paper(table)) fields.push_back(paper_words(kind, result.row, column, ""));
    const auto found = result.cells.find(column);
    const Cell* cell = result.is_run() && found != result.cells.end() ? &found->second : nullptr;
    if (cell && cell->skip_reason.empty())
      fields.push_back(value_words(kind, *cell) + (cell->interval ? " (" + spread_words(*cell) + ")" : ""));
    else if (cell)
      fields.push_back(cell->skip_reason);
    else
      fields.push_back(
          !result.row.is_quoted() && column == table.manifest.columns.front() ? result.skip_reason : "");
    fields.push_back(cell && cell->gain ? rounded_points(cell->gain->mean) + " (" +
                                              interval_points(cell->gain->interval) + ")"
                                        : "");
  }
  return fields;
}

std::string markdown_rows(const TableResult& table) {
  const auto& kind = find_kind(table.manifest.kind);
  std::vector<std::string> heads{"row"};
  for (const auto& column : table.manifest.columns) {
    const std::string words = find_column(column, {}).words;
    if (has_paper(table)) heads.push_back(words + ": paper");
    heads.push_back((has_paper(table) ? "" : words + ": ") + std::string(kind.ours) +
                    (kind.shares ? " (95 %)" : ""));
    heads.push_back(kind.shares ? "gain" : "");
  }
  std::vector<std::vector<std::string>> lines;
  for (const auto& result : table.rows) lines.push_back(markdown_row(table, result));
  return markdown_lines(heads, lines);
}

std::string number(double value) {
  return std::isfinite(value) ? fixed(value, 6) : "";
}

std::string number(const std::optional<Interval>& interval, double Interval::*end) {
  return interval ? number((*interval).*end) : "";
}

std::vector<std::string> csv_row(const TableResult& table, const RowResult& result,
                                 const std::string& column) {
  const Cell* cell = told_cell(result, column);
  const auto found = result.cells.find(column);
  const bool failed = found != result.cells.end() && !found->second.skip_reason.empty();
  std::optional<Interval> gain;
  if (cell && cell->gain) gain = cell->gain->interval;
  return {table.manifest.name,
          result.row.label,
          column,
          paper_words(find_kind(table.manifest.kind), result.row, column, ""),
          cell ? number(cell->value) : "",
          cell ? number(cell->interval, &Interval::low) : "",
          cell ? number(cell->interval, &Interval::high) : "",
          cell && cell->std ? number(*cell->std) : "",
          cell ? std::to_string(cell->right.size()) : "",
          cell ? std::to_string(cell->count) : "",
          gain ? number(cell->gain->mean) : "",
          number(gain, &Interval::low),
          number(gain, &Interval::high),
          result.row.dataset,
          result.split,
          result.row.aligned ? "yes" : "no",
          cell ? cell->images : "",
          runs_words(result),
          hash_of(result),
          join(result.remarks, "; "),
          failed ? found->second.skip_reason : result.skip_reason};
}

}  // namespace

std::string html_table(const TableResult& table, const ReproduceOptions& options) {
  const auto& manifest = table.manifest;
  const auto& kind = find_kind(manifest.kind);
  const auto warned = warning(table, options);
  return page_head(escape_html(manifest.title)) + kStyle + "<body><h1>" + escape_html(manifest.title) +
         "</h1><p class='run'>" + escape_html(manifest.about) + "</p><p class='run'>" +
         escape_html(options.protocol.about) + "</p>" +
         (warned.empty() ? "" : "<p class='note'>" + escape_html(warned) + "</p>") + table_html(table) +
         "<p class='soft'>" + escape_html(join(image_lines(table), "; ")) + (kind.shares ? kSmallPrint : "") +
         "</p>" + (kind.figures ? kind.figures(table) : "") + recall_gains_html(table) +
         facts_html(differences(table, options), has_paper(table) ? "paper" : "recipes") + runs_html(table) +
         "<footer>Written by regard reproduce " + escape_html(manifest.name) +
         (manifest.paper.empty() ? "" : ". The paper: " + escape_html(manifest.paper)) +
         ".</footer></body></html>\n";
}

std::map<std::string, std::string> chart_files(const TableResult& table) {
  std::map<std::string, std::string> files;
  for (const auto& chart : charts_of(table)) files[chart_name(table, chart)] = svg_file(chart.svg);
  return files;
}

std::string markdown_table(const TableResult& table, const ReproduceOptions& options) {
  const auto& kind = find_kind(table.manifest.kind);
  std::ostringstream text;
  text << "# " << table.manifest.title << "\n\n" << table.manifest.about << "\n\n";
  if (!options.protocol.about.empty()) text << options.protocol.about << "\n\n";
  if (const auto warned = warning(table, options); !warned.empty()) text << warned << "\n\n";
  text << markdown_rows(table);
  if (kind.markdown) text << kind.markdown(table);
  for (const auto& chart : charts_of(table))
    text << chart.title << ":\n\n![" << chart.title << "](" << chart_name(table, chart) << ")\n\n";
  text << recall_gains_markdown(table);
  for (const auto& line : image_lines(table)) text << "- " << line << "\n";
  for (const auto& line : differences(table, options))
    text << "- " << line.what << ": there " << line.paper << ", here " << line.here << "\n";
  return text.str();
}

std::string csv_table(const TableResult& table) {
  std::string csv =
      "table,row,column,paper,ours,low,high,std,runs,count,gain,gain_low,gain_high,dataset,split,"
      "aligned,"
      "images,run,model,remark,skip_reason\n";
  for (const auto& result : table.rows)
    for (const auto& column : table.manifest.columns) {
      auto fields = csv_row(table, result, column);
      for (auto& field : fields) field = csv_field(field);
      csv += join(fields, ",") + "\n";
    }
  return csv;
}

}  // namespace regard

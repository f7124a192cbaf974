#include "lab/reproduce/report.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "lab/recipe/recipe.h"
#include "lab/report/charts.h"
#include "lab/report/page.h"
#include "lab/report/plots.h"
#include "lab/reproduce/figures.h"
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

/// What the report says of a column.
std::string column_name(const std::string& column) {
  if (column == "pose30") return "pose > 30°";
  if (column == "pose45") return "pose > 45°";
  return column;
}

std::string rounded_points(double share) {
  return (share < 0 ? "−" : "+") + fixed(100 * std::abs(share), 1);
}

std::string gain_words(const PairedDifference& gain) {
  return rounded_points(gain.difference) + " (" + rounded_points(gain.interval.low) + " to " +
         rounded_points(gain.interval.high) + ")";
}

std::string paper_words(const ManifestRow& row, const std::string& column, const std::string& none) {
  return row.paper.contains(column) ? fixed(row.paper.at(column).get<double>(), 2) : none;
}

/// Whether a paper's numbers stand beside ours.
bool has_paper(const TableResult& table) {
  return std::ranges::any_of(table.rows, [](const auto& result) { return !result.row.paper.empty(); });
}

const Cell* cell_of(const RowResult& result, const std::string& column) {
  const auto found = result.cells.find(column);
  return result.skip_reason.empty() && found != result.cells.end() ? &found->second : nullptr;
}

/// The first cell of a column that has a number.
const Cell* any_cell(const TableResult& table, const std::string& column) {
  for (const auto& result : table.rows)
    if (const auto* cell = cell_of(result, column); cell && cell->skip_reason.empty()) return cell;
  return nullptr;
}

const RowResult* any_run(const TableResult& table) {
  for (const auto& result : table.rows)
    if (result.skip_reason.empty() && !result.run.empty()) return &result;
  return nullptr;
}

std::string data_words(const ManifestRow& row, const std::string& split) {
  return row.dataset + " " + split + (row.aligned ? ", aligned" : ", as they are");
}

/// One line a column: its images, where all rows have the same.
std::vector<std::string> image_lines(const TableResult& table) {
  std::vector<std::string> lines;
  for (const auto& column : table.manifest.columns)
    if (const auto* cell = any_cell(table, column))
      lines.push_back(column_name(column) + ": " + std::to_string(cell->metrics.count()) + " images (" +
                      cell->images + ")");
  return lines;
}

/// Keys that both have with other values, "optimizer.learning_rate" and the like.
void collect_differences(const Json& stated, const Json& used, const std::string& prefix,
                         std::vector<std::array<std::string, 3>>& lines) {
  for (const auto& [key, value] : stated.items()) {
    if (key == "name" || key == "start" || !used.contains(key) || used.at(key) == value) continue;
    if (value.is_object() && used.at(key).is_object())
      collect_differences(value, used.at(key), prefix + key + ".", lines);
    else
      lines.push_back({prefix + key, value.dump(), used.at(key).dump()});
  }
  for (const auto& [key, value] : used.items())
    if (!stated.contains(key)) lines.push_back({prefix + key, "–", value.dump()});
}

std::string start_words(const Protocol& protocol) {
  const auto start = protocol.recipe.value("start", Json(""));
  if (!start.is_string() || start == "") return "none";
  const auto model = load_model(start.get<std::string>());
  std::string words = model.name;
  if (model.data.contains("dataset"))
    words += ", which has been trained on " + model.data.at("dataset").get<std::string>() + " before";
  return words;
}

/// The differences from the paper: what, there, here.
std::vector<std::array<std::string, 3>> differences(const TableResult& table,
                                                    const Reproduction::Options& options) {
  std::vector<std::array<std::string, 3>> lines;
  const auto* result = any_run(table);
  if (!result) return lines;
  if (result->row.split != options.image_sets.split)
    lines.push_back({"images measured", result->row.dataset + " " + result->row.split,
                     result->row.dataset + " " + options.image_sets.split});
  const auto stated = read_recipe(result->row.recipe);
  if (const auto start = options.protocol.recipe.find("start"); start != options.protocol.recipe.end())
    lines.push_back(
        {"start", std::filesystem::path(stated.start).stem().string(), start_words(options.protocol)});
  auto used = result->recipe;
  collect_differences(to_json(stated), used, "", lines);
  return lines;
}

std::string warning(const TableResult& table, const Reproduction::Options& options) {
  if (!has_paper(table)) return "";
  const auto lines = differences(table, options);
  if (lines.empty()) return "";
  std::string text =
      "The paper's numbers and ours cannot be compared directly: ours come from other images or shorter runs "
      "(all differences are listed below). Rows of one column can be compared with each other.";
  if (start_words(options.protocol).find("has been trained on") != std::string::npos)
    text +=
        " The start was trained on such labels, so all rows begin close to their final accuracy, and differ "
        "less than from a start that has only seen faces.";
  return text;
}

/// The paper's number, where there is a column for it.
std::string paper_cell(const TableResult& table, const RowResult& result, const std::string& column) {
  return has_paper(table) ? "<td class='paper'>" + paper_words(result.row, column, "–") : "";
}

std::string cell_html(const TableResult& table, const RowResult& result, const std::string& column) {
  auto html = paper_cell(table, result, column);
  const auto* cell = cell_of(result, column);
  if (!cell) return html + "<td>–<td>";
  if (!cell->skip_reason.empty())
    return html + "<td class='why' colspan='2'>" + escape_html(cell->skip_reason);
  html += "<td>" + percent(cell->metrics.accuracy()) + "<span class='soft'>" +
          range(cell->metrics.accuracy_interval(), 100, 1) + "</span><td>";
  return html + (cell->gain ? rounded_points(cell->gain->difference) + "<span class='soft'>" +
                                  rounded_points(cell->gain->interval.low) + " to " +
                                  rounded_points(cell->gain->interval.high) + "</span>"
                            : "");
}

std::string row_html(const TableResult& table, const RowResult& result) {
  std::string html = "<tr><td>" + escape_html(result.row.label);
  const auto columns = table.manifest.columns.size();
  if (result.milliseconds)
    return html + paper_cell(table, result, "milliseconds") + "<td>" + fixed(*result.milliseconds, 1) +
           "<td></tr>";
  if (result.skip_reason.empty() || result.row.is_quoted()) {
    for (const auto& column : table.manifest.columns) html += cell_html(table, result, column);
    return html + "</tr>";
  }
  html += paper_cell(table, result, table.manifest.columns.front()) + "<td class='why left' colspan='" +
          std::to_string((has_paper(table) ? 3 * columns : 2 * columns + 1) - 1) + "'>" +
          escape_html(result.skip_reason);
  return html + "</tr>";
}

std::string table_html(const TableResult& table) {
  const bool times = table.manifest.kind == "time", many = table.manifest.columns.size() > 2;
  std::string html =
      std::string("<div class='scroll'><table") + (many ? " class='stacked'" : "") + "><tr><th>";
  for (const auto& column : table.manifest.columns)
    html += std::string("<th class='group' colspan='") + (has_paper(table) ? "3" : "2") + "'>" +
            escape_html(column_name(column));
  html += "</tr><tr><th>";
  for (std::size_t i = 0; i < table.manifest.columns.size(); ++i)
    html += times              ? "<th>the paper's, ms<th>ours, ms<th>"
            : has_paper(table) ? "<th>paper, %<th>ours, %<th>gain, points"
                               : "<th>accuracy, %<th>gain, points";
  html += "</tr>";
  for (const auto& result : table.rows) html += row_html(table, result);
  return html + "</table></div>";
}

std::string facts_html(const std::vector<std::array<std::string, 3>>& lines, const std::string& what) {
  if (lines.empty()) return "";
  std::string html = "<h2>Differences from the " + what +
                     "</h2><div class='scroll'><table class='facts'><tr><th class='left'><th class='left'>in "
                     "the recipe<th class='left'>here</tr>";
  for (const auto& line : lines)
    html += "<tr><td>" + escape_html(line[0]) + "<td>" + escape_html(line[1]) + "<td>" +
            escape_html(line[2]) + "</tr>";
  return html + "</table></div>";
}

std::string runs_html(const TableResult& table, const Reproduction::Options& options) {
  std::string html =
      "<h2>The runs</h2><div class='scroll'><table class='facts'><tr><th class='left'>row<th "
      "class='left'>images"
      "<th class='left'>run<th class='left'>model's SHA-256<th class='left'>note</tr>";
  for (const auto& result : table.rows)
    html += "<tr><td>" + escape_html(result.row.label) + "<td>" +
            (result.row.is_quoted() ? "–" : escape_html(data_words(result.row, options.image_sets.split))) +
            "<td>" + escape_html(result.run.empty() ? "–" : result.run) + "<td>" +
            escape_html(result.model_hash.substr(0, 12)) + "<td>" + escape_html(result.row.note) + "</tr>";
  return html + "</table></div>";
}

std::string joined(const std::vector<std::string>& lines, const std::string& between) {
  std::string text;
  for (const auto& line : lines) text += (text.empty() ? "" : between) + line;
  return text;
}

std::string chart_name(const TableResult& table, const Chart& chart) {
  return table.manifest.name + "-" + chart.name + ".svg";
}

/// Of tables whose networks look in scales, what these weigh and where they lie.
std::string scales_table(const TableResult& table) {
  std::string lines;
  const auto shown = [](const Spread& spread) {
    return fixed(spread.mean, 3) + " (" + fixed(spread.std, 3) + ")";
  };
  for (const auto& result : table.rows) {
    if (!result.skip_reason.empty() || !result.scales) continue;
    for (const auto& scale : result.scales->views)
      lines += "| " + result.row.label + " | " + scale.name + " | " + shown(scale.weight) + " | " +
               shown(scale.place->x) + " | " + shown(scale.place->y) + " | " + shown(scale.place->side) + " | " +
               percent(scale.without->accuracy()) + " | " + fixed(result.scales->entropy, 3) + " |\n";
  }
  if (lines.empty()) return "";
  return "For each scale, the mean and the standard deviation over all images; places are fractions of the "
         "chip; the entropy is that of the gate, 1 if all scales always have the same weight.\n"
         "\n"
         "| row | scale | weight | centre, x | centre, y | side | accuracy without, % | entropy |\n"
         "|---|---|---|---|---|---|---|---|\n" +
         lines + "\n";
}

std::string number(double value) {
  return std::isfinite(value) ? fixed(value, 6) : "";
}

}  // namespace

std::string html_table(const TableResult& table, const Reproduction::Options& options) {
  const auto& manifest = table.manifest;
  const auto warned = warning(table, options);
  return page_head(escape_html(manifest.title)) + kStyle + "<body><h1>" + escape_html(manifest.title) +
         "</h1><p class='run'>" + escape_html(manifest.about) + "</p><p class='run'>" +
         escape_html(options.protocol.about) + "</p>" +
         (warned.empty() ? "" : "<p class='note'>" + escape_html(warned) + "</p>") + table_html(table) +
         "<p class='soft'>" + escape_html(joined(image_lines(table), "; ")) +
         (manifest.kind == "time"
              ? ""
              : ". Small print: 95 % intervals, Wilson's for proportions; bootstrap over the same images for "
                "gains over the first row (or the one that the table names).") +
         "</p>" + figures_html(table) +
         facts_html(differences(table, options), has_paper(table) ? "paper" : "recipes") +
         runs_html(table, options) + "<footer>Written by regard reproduce " + escape_html(manifest.name) +
         (manifest.paper.empty() ? "" : ". The paper: " + escape_html(manifest.paper)) +
         ".</footer></body></html>\n";
}

std::map<std::string, std::string> chart_files(const TableResult& table) {
  std::map<std::string, std::string> files;
  for (const auto& chart : charts_of(table)) files[chart_name(table, chart)] = svg_file(chart.svg);
  return files;
}

std::string markdown_table(const TableResult& table, const Reproduction::Options& options) {
  std::ostringstream text;
  text << "# " << table.manifest.title << "\n\n" << table.manifest.about << "\n\n";
  if (!options.protocol.about.empty()) text << options.protocol.about << "\n\n";
  if (const auto warned = warning(table, options); !warned.empty()) text << warned << "\n\n";
  const bool papered = has_paper(table);
  text << "| row |";
  std::string rule = "|---|";
  for (const auto& column : table.manifest.columns) {
    text << " " << column_name(column)
         << (papered ? ": paper | ours (95 %) | gain |" : ", % (95 %) | gain |");
    rule += papered ? "---|---|---|" : "---|---|";
  }
  text << "\n" << rule << "\n";
  for (const auto& result : table.rows) {
    text << "| " << result.row.label << " |";
    for (const auto& column : table.manifest.columns) {
      const auto* cell = cell_of(result, column);
      if (papered) text << " " << paper_words(result.row, column, "") << " |";
      text << " ";
      if (result.milliseconds)
        text << fixed(*result.milliseconds, 1);
      else if (cell && cell->skip_reason.empty())
        text << percent(cell->metrics.accuracy()) << " (" << range(cell->metrics.accuracy_interval(), 100, 1)
             << ")";
      else if (cell)
        text << cell->skip_reason;
      else if (!result.row.is_quoted() && column == table.manifest.columns.front())
        text << result.skip_reason;
      text << " | " << (cell && cell->gain ? gain_words(*cell->gain) : "") << " |";
    }
    text << "\n";
  }
  text << "\n";
  text << scales_table(table);
  for (const auto& chart : charts_of(table))
    text << chart.title << ":\n\n![" << chart.title << "](" << chart_name(table, chart) << ")\n\n";
  for (const auto& line : image_lines(table)) text << "- " << line << "\n";
  for (const auto& line : differences(table, options))
    text << "- " << line[0] << ": stated " << line[1] << ", here " << line[2] << "\n";
  return text.str();
}

std::string csv_table(const TableResult& table, const Reproduction::Options& options) {
  std::ostringstream csv;
  csv << "table,row,column,paper,ours,low,high,count,gain,gain_low,gain_high,milliseconds,dataset,split,"
         "aligned,images,"
         "run,model,skip_reason\n";
  for (const auto& result : table.rows)
    for (const auto& column : table.manifest.columns) {
      const auto* cell = cell_of(result, column);
      const bool known = cell && cell->skip_reason.empty();
      const auto interval = known ? cell->metrics.accuracy_interval() : Interval{};
      csv << table.manifest.name << ',' << csv_field(result.row.label) << ',' << column << ','
          << paper_words(result.row, column, "") << ',' << (known ? number(cell->metrics.accuracy()) : "")
          << ',' << (known ? number(interval.low) : "") << ',' << (known ? number(interval.high) : "") << ','
          << (known ? std::to_string(cell->metrics.count()) : "");
      if (known && cell->gain)
        csv << ',' << number(cell->gain->difference) << ',' << number(cell->gain->interval.low) << ','
            << number(cell->gain->interval.high);
      else
        csv << ",,,";
      csv << ',' << (result.milliseconds ? number(*result.milliseconds) : "") << ',' << result.row.dataset
          << ',' << options.image_sets.split << ',' << (result.row.aligned ? "yes" : "no") << ','
          << csv_field(known ? cell->images : "") << ',' << csv_field(result.run) << ',' << result.model_hash
          << ',' << csv_field(cell && !cell->skip_reason.empty() ? cell->skip_reason : result.skip_reason)
          << '\n';
    }
  return csv.str();
}

}  // namespace regard

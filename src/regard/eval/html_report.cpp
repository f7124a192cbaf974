#include "regard/eval/html_report.h"

#include <algorithm>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <sstream>

#include "regard/core/error.h"
#include "regard/eval/plots.h"
#include "regard/face/opencv.h"

namespace regard {
namespace {

constexpr const char* kStyle = R"css(
:root { --ink: #1c2430; --soft: #5b6675; --line: #dfe4ea; --accent: #1f5fa8; --miss: #c2410c; --paper: #fff;
  --band: #f5f7fa; color-scheme: light dark; }
@media (prefers-color-scheme: dark) { @media screen { :root { --ink: #e6eaf0; --soft: #9aa6b5; --line: #333d4a;
  --accent: #6cabf0; --miss: #fb923c; --paper: #12171e; --band: #1a212b; } } }
* { box-sizing: border-box; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
body { margin: 0 auto; padding: 32px 28px 48px; max-width: 1180px; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 6px; }
h2 { font-size: 20px; margin: 44px 0 4px; padding-top: 14px; border-top: 2px solid var(--line); }
p { margin: 4px 0 12px; max-width: 78ch; }
.soft, figcaption, .run { color: var(--soft); }
.run { font-size: 14px; max-width: none; } .run code { overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(200px, 1fr)); gap: 14px; margin: 22px 0 8px; }
.tile { background: var(--band); border-radius: 10px; padding: 14px 18px; }
.tile b { display: block; font-size: 30px; line-height: 1.25; font-weight: 650; }
.tile span { display: block; color: var(--soft); font-size: 13.5px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 10px 0; }
th { text-align: right; font-weight: 600; color: var(--soft); font-size: 13.5px; vertical-align: bottom; }
td { text-align: right; border-top: 1px solid var(--line); white-space: nowrap; }
th, td { padding: 5px 12px; } th:first-child, td:first-child { text-align: left; }
td.left, th.left { text-align: left; } td .soft { display: inline-block; min-width: 88px; font-size: 13px; margin-left: 8px; text-align: left; }
.wide td .soft { min-width: 138px; }
tr:nth-child(even) td { background: var(--band); }
tr.type td:first-child { padding-left: 20px; color: var(--soft); } td svg { width: 140px; vertical-align: middle; }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(350px, 1fr)); gap: 26px 30px; }
figure { margin: 10px 0 0; break-inside: avoid; } figure svg { width: 100%; max-width: 500px; display: block; }
figcaption { font-size: 13.5px; margin-bottom: 8px; } figcaption b { color: var(--ink); font-size: 15.5px; }
svg text { font-size: 13px; fill: var(--ink); } svg .cell { font-size: 14.5px; } svg .tick { font-size: 12px; fill: var(--soft); }
.sheet { display: grid; grid-template-columns: repeat(auto-fill, minmax(128px, 1fr)); gap: 18px 16px; margin-top: 14px; }
.face { break-inside: avoid; font-size: 13px; line-height: 1.35; }
.face img { width: 100%; aspect-ratio: 1; border-radius: 8px; display: block; margin-bottom: 6px; }
.face .was { color: var(--accent); font-weight: 600; } .face .taken { color: var(--miss); font-weight: 600; }
.face small { color: var(--soft); font-size: 11.5px; }
footer { margin-top: 48px; color: var(--soft); font-size: 13px; }
@media print { body { padding: 0; max-width: none; font-size: 11px; } h2, h2 + p { break-after: avoid; }
  h1 { font-size: 22px; } .run { font-size: 11px; } h2 { margin-top: 22px; font-size: 16px; }
  .tiles { grid-template-columns: repeat(4, 1fr); gap: 8px; } .tile { padding: 8px 10px; } .tile b { font-size: 20px; }
  .tile span, figcaption, th { font-size: 10.5px; } .scroll { overflow: visible; } table { break-inside: avoid; }
  th, td { padding: 3px 6px; } td .soft, .wide td .soft { min-width: 62px; font-size: 10px; margin-left: 4px; }
  .wide td .soft { min-width: 98px; } td svg { width: 80px; } .plots { grid-template-columns: repeat(3, 1fr); gap: 12px; }
  .sheet { grid-template-columns: repeat(8, 1fr); gap: 8px; } .face { font-size: 10px; } .face small { font-size: 8.5px; } }
)css";

std::string short_hash(const Evaluation& evaluation) {
  return evaluation.run.model_hash.substr(0, 12);
}

/// The whole split or a subset of it, as tables and captions name it.
struct Part {
  std::string name, list;
  const Measurement* measured;
};

std::vector<Part> parts_of(const Evaluation& evaluation) {
  std::vector<Part> parts{{evaluation.split, "", &evaluation.measured}};
  for (const auto& subset : evaluation.subsets) parts.push_back({subset.name, subset.list, &subset.measured});
  return parts;
}

/// What every figure states: pictures, list, count, accuracy, interval, model.
std::string caption(const Evaluation& evaluation, const Part& part) {
  const Metrics& metrics = part.measured->metrics;
  const std::string file = std::filesystem::path(part.list).filename().string();
  return "<figcaption><b>" + escape_html(part.name) + "</b><br>" + escape_html(evaluation.dataset) + " " +
         escape_html(evaluation.split) + (file.empty() ? ", all " : ", list " + escape_html(file) + ", ") +
         std::to_string(metrics.count()) + " pictures; accuracy " + percent(metrics.accuracy()) + " % (" +
         range(metrics.accuracy_interval(), 100, 1) + "); model " + short_hash(evaluation) + "</figcaption>";
}

std::string cell(const std::string& value, const std::string& interval) {
  return "<td>" + value + "<span class='soft'>" + interval + "</span></td>";
}

std::string tile(const std::string& value, const std::string& name, const std::string& detail) {
  return "<div class='tile'><span>" + name + "</span><b>" + value + "</b><span>" + detail + "</span></div>";
}

std::string tiles(const Evaluation& evaluation) {
  const auto& [metrics, intervals] = evaluation.measured;
  return "<div class='tiles'>" +
         tile(percent(metrics.accuracy()) + " %", "accuracy",
              "95 % interval " + range(metrics.accuracy_interval(), 100, 1) + ", " +
                  std::to_string(metrics.correct()) + " of " + std::to_string(metrics.count())) +
         tile(fixed(metrics.macro_f1(), 3), "macro F1", "95 % interval " + range(intervals.macro_f1, 1, 3)) +
         tile(fixed(evaluation.calibration_error(), 4), "calibration error, 15 bins",
              evaluation.cross_fitted_error ? "cross-fitted in " + std::to_string(kFolds) +
                                                  " folds; fitted " + fixed(metrics.calibration_error(), 4)
                                            : "95 % interval " + range(intervals.calibration_error, 1, 4)) +
         tile(fixed(metrics.log_loss(), 3), "log loss", "95 % interval " + range(intervals.log_loss, 1, 3)) +
         "</div>";
}

std::string set_cells(const Metrics& metrics, double low, double high) {
  return "<td>" + std::to_string(metrics.count()) + "</td>" +
         cell(percent(metrics.accuracy()), range(metrics.accuracy_interval(), 100, 1)) + "<td>" +
         interval_svg(metrics.accuracy(), metrics.accuracy_interval(), low, high) + "</td>";
}

/// A round lower end for the intervals' line, below all of them.
double lowest_share(const Evaluation& evaluation) {
  double low = evaluation.measured.metrics.accuracy_interval().low;
  for (const auto& subset : evaluation.subsets) {
    low = std::min(low, subset.measured.metrics.accuracy_interval().low);
    for (const auto& [type, metrics] : subset.types) low = std::min(low, metrics.accuracy_interval().low);
  }
  return std::floor(10 * low) / 10;
}

std::string sets_table(const Evaluation& evaluation) {
  const double low = lowest_share(evaluation);
  std::ostringstream table;
  table << "<div class='scroll'><table><tr><th>pictures<th>count<th>accuracy, %<th>" << fixed(100 * low, 0)
        << " to 100 %<th>macro F1<th>calibration error<th>log loss</tr>";
  const bool crossed = evaluation.cross_fitted_error.has_value();
  const auto error_cell = [&](const Measurement& measured) {
    const double fitted = measured.metrics.calibration_error();
    if (!crossed) return cell(fixed(fitted, 4), range(measured.intervals.calibration_error, 1, 4));
    if (&measured != &evaluation.measured) return cell(fixed(fitted, 4), "fitted");
    return cell(fixed(evaluation.calibration_error(), 4), "fitted " + fixed(fitted, 4));
  };
  const auto row = [&](const std::string& name, const Measurement& measured) {
    const auto& [metrics, intervals] = measured;
    table << "<tr><td>" << escape_html(name) << "</td>" << set_cells(metrics, low, 1)
          << cell(fixed(metrics.macro_f1(), 3), range(intervals.macro_f1, 1, 3)) << error_cell(measured)
          << cell(fixed(metrics.log_loss(), 3), range(intervals.log_loss, 1, 3)) << "</tr>";
  };
  row(evaluation.split, evaluation.measured);
  for (const auto& subset : evaluation.subsets) {
    row(subset.name, subset.measured);
    for (const auto& [type, metrics] : subset.types)
      table << "<tr class='type'><td>" << escape_html(type) << "</td>" << set_cells(metrics, low, 1)
            << "<td><td><td></tr>";
  }
  table << "</table></div>";
  for (const auto& subset : evaluation.subsets)
    table << "<p class='soft'>" << escape_html(subset.name) << ": list " << escape_html(subset.list) << "; "
          << subset.absent << (subset.absent == 1 ? " name" : " names")
          << " in it not among the pictures.</p>";
  return table.str();
}

/// A gain in points, its sign always there.
std::string points(double share) {
  return (share < 0 ? "" : "+") + fixed(100 * share, 2);
}

std::string against_table(const Evaluation& evaluation) {
  if (!evaluation.against) return "";
  const auto& [other, all, subsets] = *evaluation.against;
  std::ostringstream table;
  table << "<h2>Against " << escape_html(other.model)
        << "</h2><p class='soft'>Accuracy on the same pictures, the "
        << "other model's SHA-256 <code>" << escape_html(other.model_hash)
        << "</code>. Small print: 95 % interval of the paired difference.</p>"
        << "<div class='scroll'><table><tr><th>pictures<th>points gained<th>right only here<th>right only "
           "there</tr>";
  const auto row = [&](const std::string& name, const PairedDifference& paired) {
    table << "<tr><td>" << escape_html(name)
          << cell(points(paired.difference),
                  points(paired.interval.low) + " to " + points(paired.interval.high))
          << "<td>" << paired.only_second << "<td>" << paired.only_first << "</tr>";
  };
  row(evaluation.split, all);
  for (const auto& [name, paired] : subsets) row(name, paired);
  table << "</table></div>";
  return table.str();
}

/// "sadness 8.1 %, anger 2.0 %": what a label's pictures were most often taken for.
std::string taken_for(const Metrics& metrics, const std::vector<std::string>& labels, std::size_t label) {
  std::vector<std::pair<std::int64_t, std::size_t>> others;
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (i != label && metrics.confusion(label, i) > 0) others.push_back({-metrics.confusion(label, i), i});
  std::sort(others.begin(), others.end());
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(2, others.size()); ++i)
    text += (i ? ", " : "") + escape_html(labels[others[i].second]) + " " +
            percent(static_cast<double>(-others[i].first) / metrics.support(label)) + " %";
  return text;
}

std::string labels_table(const Evaluation& evaluation) {
  const Metrics& metrics = evaluation.measured.metrics;
  std::ostringstream table;
  table << "<div class='scroll'><table><tr><th>expression<th>pictures<th>recall, %<th>precision, %"
           "<th class='left'>most often taken for</tr>";
  for (std::size_t i = 0; i < evaluation.labels.size(); ++i)
    table << "<tr><td>" << escape_html(evaluation.labels[i]) << "<td>" << metrics.support(i)
          << cell(percent(metrics.recall(i)), range(metrics.recall_interval(i), 100, 1))
          << cell(percent(metrics.precision(i)), range(metrics.precision_interval(i), 100, 1))
          << "<td class='left'>" << taken_for(metrics, evaluation.labels, i) << "</tr>";
  table << "</table></div>";
  return table.str();
}

std::string recall_table(const Evaluation& evaluation) {
  if (evaluation.subsets.empty()) return "";
  const auto parts = parts_of(evaluation);
  std::ostringstream table;
  table << "<h2>Recall in the subsets</h2><p class='soft'>Percent, its 95 % interval, and the pictures it is "
           "of; "
        << "model " << short_hash(evaluation)
        << ".</p><div class='scroll'><table class='wide'><tr><th>expression";
  for (const auto& part : parts) table << "<th>" << escape_html(part.name);
  table << "</tr>";
  for (std::size_t i = 0; i < evaluation.labels.size(); ++i) {
    table << "<tr><td>" << escape_html(evaluation.labels[i]);
    for (const auto& part : parts) {
      const Metrics& metrics = part.measured->metrics;
      table << cell(percent(metrics.recall(i)),
                    range(metrics.recall_interval(i), 100, 1) + " of " + std::to_string(metrics.support(i)));
    }
    table << "</tr>";
  }
  table << "</table></div>";
  return table.str();
}

std::string plots(const Evaluation& evaluation) {
  std::string confusions, diagrams;
  for (const auto& part : parts_of(evaluation)) {
    const Metrics& metrics = part.measured->metrics;
    const std::string words = "<figure>" + caption(evaluation, part);
    confusions += words + confusion_svg(metrics, evaluation.labels) + "</figure>";
    diagrams += words + reliability_svg(metrics) + "</figure>";
  }
  return "<h2>What is taken for what</h2><p class='soft'>Rows are the true labels, columns the predicted "
         "ones; each "
         "number is the percentage of its row.</p><div class='plots'>" +
         confusions +
         "</div><h2>Whether certainty can be believed</h2><p class='soft'>Blue bars: how often the network "
         "is "
         "right when it is so certain. Orange: certainty that is not borne out. Faint blue: it is right more "
         "often than it says. Below: how many pictures that is.</p><div class='plots'>" +
         diagrams + "</div>";
}

std::string base64(const std::vector<std::uint8_t>& bytes) {
  constexpr const char* kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) bits = bits << 8 | (k < left ? bytes[i + k] : 0);
    for (std::size_t k = 0; k < 4; ++k) text += k <= left ? kDigits[bits >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

std::string data_uri(const Image& image) {
  cv::Mat stored = mat_of(image);
  if (image.channels == 3) cv::cvtColor(mat_of(image), stored = cv::Mat(), cv::COLOR_RGB2BGR);
  std::vector<std::uint8_t> png;
  if (!cv::imencode(".png", stored, png)) throw Error("picture cannot be encoded as PNG");
  return "data:image/png;base64," + base64(png);
}

std::string mistakes_sheet(const Evaluation& evaluation, const EvaluationSet& set, std::size_t most) {
  if (evaluation.mistakes.empty()) return "";
  std::ostringstream sheet;
  const std::size_t shown = std::min(most, evaluation.mistakes.size());
  sheet << "<h2>The most certain mistakes</h2><p class='soft'>" << shown << " of "
        << evaluation.mistakes.size() << " mistakes among " << set.count() << " pictures of "
        << escape_html(evaluation.dataset) << " " << escape_html(evaluation.split) << ", model "
        << short_hash(evaluation)
        << ". Blue: the majority of the votes; orange: what the network says.</p><div class='sheet'>";
  for (std::size_t i = 0; i < shown; ++i) {
    const Mistake& mistake = evaluation.mistakes[i];
    sheet << "<div class='face'><img alt='' src='" << data_uri(set.chips[mistake.index])
          << "'><span class='was'>" << escape_html(evaluation.labels[set.truth[mistake.index]]) << "</span> "
          << percent(mistake.true_probability) << " %<br><span class='taken'>"
          << escape_html(evaluation.labels[mistake.predicted]) << "</span> " << percent(mistake.certainty)
          << " %<br><small>" << escape_html(set.names[mistake.index]) << "</small></div>";
  }
  sheet << "</div>";
  return sheet.str();
}

std::string head(const Evaluation& evaluation) {
  const auto& run = evaluation.run;
  std::string settings;
  for (const auto& setting : run.settings) settings += ", " + escape_html(setting);
  const std::string title =
      escape_html(run.model) + " on " + escape_html(evaluation.dataset) + " " + escape_html(evaluation.split);
  return "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'><meta name='viewport' "
         "content='width=device-width, initial-scale=1'><title>" +
         title + "</title><style>" + kStyle + "</style></head><body><h1>" + title + "</h1><p class='run'>" +
         std::to_string(evaluation.measured.metrics.count()) + " pictures with a majority label; engine " +
         escape_html(run.engine) + "; temperature " + fixed(run.temperature, 3) +
         (run.fitted_here ? ", fitted on these very pictures" : "") + settings +
         "<br>model file's SHA-256 <code>" + escape_html(run.model_hash) + "</code></p>";
}

}  // namespace

std::string html_report(const Evaluation& evaluation, const EvaluationSet& set, std::size_t mistakes) {
  return head(evaluation) + tiles(evaluation) + sets_table(evaluation) + against_table(evaluation) +
         "<h2>Expressions</h2><p class='soft'>" + escape_html(evaluation.dataset) + " " +
         escape_html(evaluation.split) + ", all " + std::to_string(set.count()) + " pictures; model " +
         short_hash(evaluation) + ". Small print: 95 % intervals.</p>" + labels_table(evaluation) +
         recall_table(evaluation) + plots(evaluation) + mistakes_sheet(evaluation, set, mistakes) +
         "<footer>Intervals are 95 %: Wilson's for shares, resampled pictures for the rest. Calibration "
         "error: "
         "expected calibration error over 15 bins of equal width.</footer></body></html>\n";
}

}  // namespace regard

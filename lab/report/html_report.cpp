#include "lab/report/html_report.h"

#include <algorithm>
#include <sstream>

#include "lab/report/charts.h"
#include "lab/report/page.h"
#include "lab/report/plots.h"
#include "regard/core/error.h"

namespace regard {
namespace {

std::string short_hash(const Evaluation& evaluation) {
  return evaluation.run.model_hash.substr(0, 12);
}

/// The whole split or a subset of it, as tables and captions name it.
struct Part {
  std::string name, list;
  const MetricsResult* result;
};

std::vector<Part> parts_of(const Evaluation& evaluation) {
  std::vector<Part> parts{{evaluation.split, "", &evaluation.overall}};
  for (const auto& subset : evaluation.subsets) parts.push_back({subset.name, subset.list, &subset.overall});
  return parts;
}

/// The caption of every figure: images, list, count, accuracy, interval, model.
std::string caption(const Evaluation& evaluation, const Part& part) {
  const Metrics& metrics = part.result->metrics;
  const std::string file = std::filesystem::path(part.list).filename().string();
  return "<figcaption><b>" + escape_html(part.name) + "</b><br>" + escape_html(evaluation.dataset) + " " +
         escape_html(evaluation.split) + (file.empty() ? ", all " : ", list " + escape_html(file) + ", ") +
         std::to_string(metrics.count()) + " images; accuracy " + percent(metrics.accuracy()) + " % (" +
         range(metrics.accuracy_interval(), 100, 1) + "); model " + short_hash(evaluation) + "</figcaption>";
}

std::string cell(const std::string& value, const std::string& interval) {
  return "<td>" + value + "<span class='soft'>" + interval + "</span></td>";
}

std::string tile(const std::string& value, const std::string& name, const std::string& detail) {
  return "<div class='tile'><span>" + name + "</span><b>" + value + "</b><span>" + detail + "</span></div>";
}

std::string tiles(const Evaluation& evaluation) {
  const auto& [metrics, intervals] = evaluation.overall;
  return "<div class='tiles'>" +
         tile(percent(metrics.accuracy()) + " %", "accuracy",
              "95 % interval " + range(metrics.accuracy_interval(), 100, 1) + ", " +
                  std::to_string(metrics.correct()) + " of " + std::to_string(metrics.count())) +
         tile(percent(metrics.balanced_accuracy()) + " %", "balanced accuracy",
              "mean recall, 95 % interval " + range(intervals.balanced_accuracy, 100, 1)) +
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
  double low = evaluation.overall.metrics.accuracy_interval().low;
  for (const auto& subset : evaluation.subsets) {
    low = std::min(low, subset.overall.metrics.accuracy_interval().low);
    for (const auto& [type, metrics] : subset.types) low = std::min(low, metrics.accuracy_interval().low);
  }
  return std::floor(10 * low) / 10;
}

std::string sets_table(const Evaluation& evaluation) {
  const double low = lowest_share(evaluation);
  std::ostringstream table;
  table << "<div class='scroll'><table><tr><th>images<th>count<th>accuracy, %<th>" << fixed(100 * low, 0)
        << " to 100 %<th>balanced accuracy, %<th>macro F1<th>calibration error<th>log loss</tr>";
  const bool crossed = evaluation.cross_fitted_error.has_value();
  const auto error_cell = [&](const MetricsResult& result) {
    const double fitted = result.metrics.calibration_error();
    if (!crossed) return cell(fixed(fitted, 4), range(result.intervals.calibration_error, 1, 4));
    if (&result != &evaluation.overall) return cell(fixed(fitted, 4), "fitted");
    return cell(fixed(evaluation.calibration_error(), 4), "fitted " + fixed(fitted, 4));
  };
  const auto row = [&](const std::string& name, const MetricsResult& result) {
    const auto& [metrics, intervals] = result;
    table << "<tr><td>" << escape_html(name) << "</td>" << set_cells(metrics, low, 1)
          << cell(percent(metrics.balanced_accuracy()), range(intervals.balanced_accuracy, 100, 1))
          << cell(fixed(metrics.macro_f1(), 3), range(intervals.macro_f1, 1, 3)) << error_cell(result)
          << cell(fixed(metrics.log_loss(), 3), range(intervals.log_loss, 1, 3)) << "</tr>";
  };
  row(evaluation.split, evaluation.overall);
  for (const auto& subset : evaluation.subsets) {
    row(subset.name, subset.overall);
    for (const auto& [type, metrics] : subset.types)
      table << "<tr class='type'><td>" << escape_html(type) << "</td>" << set_cells(metrics, low, 1)
            << "<td><td><td><td></tr>";
  }
  table << "</table></div>";
  for (const auto& subset : evaluation.subsets)
    table << "<p class='soft'>" << escape_html(subset.name) << ": list " << escape_html(subset.list) << "; "
          << subset.absent << (subset.absent == 1 ? " name" : " names")
          << " of them not among the images.</p>";
  return table.str();
}

std::string against_table(const Evaluation& evaluation) {
  if (!evaluation.against) return "";
  const auto& [other, all, subsets, recalls] = *evaluation.against;
  std::ostringstream table;
  table << "<h2>Against " << escape_html(other.model)
        << "</h2><p class='soft'>Accuracy on the same images, the "
        << "other model's SHA-256 <code>" << escape_html(other.model_hash)
        << "</code>. Small print: 95 % interval of the paired difference.</p>"
        << "<div class='scroll'><table><tr><th>images<th>gain, points<th>only here correct<th>only there "
           "correct</tr>";
  const auto row = [&](const std::string& name, const PairedDifference& paired) {
    table << "<tr><td>" << escape_html(name)
          << cell(points(paired.difference),
                  points(paired.interval.low) + " to " + points(paired.interval.high))
          << "<td>" << paired.only_second << "<td>" << paired.only_first << "</tr>";
  };
  row(evaluation.split, all);
  for (const auto& [name, paired] : subsets) row(name, paired);
  table << "<tr><th>recall by expression<th>gain, points<th>only here correct<th>only there correct</tr>";
  for (const auto& [label, count, paired] : recalls) row(label + " (" + std::to_string(count) + ")", paired);
  table << "</table></div>";
  return table.str();
}

std::string poses_section(const Evaluation& evaluation) {
  if (!evaluation.by_pose) return "";
  const auto& [groups, unknown, error] = *evaluation.by_pose;
  std::vector<Bar> bars;
  for (const auto& group : groups)
    bars.push_back({group.name + " (" + std::to_string(group.metrics.count()) + ")",
                    {group.metrics.accuracy(), group.metrics.accuracy_interval(), {}}});
  std::string words =
      "Accuracy with its 95 % interval, by degrees of yaw to the image's right; in brackets, how many "
      "images. Mean of the groups: " +
      percent(evaluation.by_pose->mean_accuracy()) + " %.";
  if (unknown > 0) words += " Of " + std::to_string(unknown) + " images the head pose is not known.";
  if (error)
    words += " The network's own head poses are off by " + fixed(error->yaw, 1) + "° (yaw), " +
             fixed(error->pitch, 1) + "° (pitch) and " + fixed(error->roll, 1) + "° (roll) on average over " +
             std::to_string(error->count) + " images, as far as the data set knows them.";
  return "<h2>By head pose</h2><p class='soft'>" + words + "</p><figure>" + bars_svg(bars) + "</figure>";
}

std::string probe_row(const char* name, const std::optional<AngleProbe>& probe) {
  const auto row = "<tr><td>" + std::string(name);
  if (!probe) return row + "<td colspan='3'>the same on all images</tr>";
  return row +
         cell(fixed(probe->r2, 3), fixed(probe->interval.low, 3) + " to " + fixed(probe->interval.high, 3)) +
         "<td>" + fixed(probe->error, 2) + "<td>" + fixed(probe->mean_error, 2) + "</tr>";
}

std::string pose_spread_words(const PoseSpread& spread) {
  return "<p class='soft'>Accuracy over " + std::to_string(spread.groups) +
         " groups of poses with at least 20 images: standard deviation " + fixed(100 * spread.std, 1) +
         " points; " + escape_html(spread.best) + " less " + escape_html(spread.worst) + ": " +
         points(spread.difference) + " (95 % interval " + points(spread.interval.low) + " to " +
         points(spread.interval.high) +
         "). With poses shuffled among images of the same expression, the best "
         "and the worst group differ by " +
         fixed(100 * spread.by_chance, 1) + " on average, and by as much as here in " +
         percent(spread.chance) + " % of 1000 shuffles.</p>";
}

std::string invariance_section(const Evaluation& evaluation) {
  if (!evaluation.pose_invariance) return "";
  const auto& result = *evaluation.pose_invariance;
  return "<h2>Pose invariance</h2><p class='soft'>How well head pose can be read from the " +
         std::to_string(result.features) + " features that are classified, on " +
         std::to_string(result.count) +
         " images: ridge regression, cross-validated in five folds. R² is 1 if the angle is read exactly, 0 "
         "if it "
         "cannot be read. Small print: 95 % interval.</p><div class='scroll'><table><tr><th>angle<th>R²"
         "<th>mean error, degrees<th>of the mean angle</tr>" +
         probe_row("yaw", result.yaw) + probe_row("pitch", result.pitch) + "</table></div>" +
         (result.spread ? pose_spread_words(*result.spread) : "");
}

std::string spread_cell(const Spread& spread) {
  return cell(fixed(spread.mean, 3), "± " + fixed(spread.std, 3));
}

std::string views_section(const Evaluation& evaluation) {
  if (!evaluation.views) return "";
  const auto& [views, entropy] = *evaluation.views;
  const bool placed = views.front().place.has_value();
  std::string table =
      "<h2>Weights of the views</h2><p class='soft'>Means over faces; small print: standard deviations. The "
      "entropy of the weights is " +
      fixed(entropy, 3) + " of the largest there could be" +
      (placed ? "; places are fractions of the chip" : "") +
      ".</p><div class='scroll'><table><tr><th>view<th>weight" +
      (placed ? "<th>centre, x<th>centre, y<th>side" : "") + "</tr>";
  for (const auto& view : views) {
    table += "<tr><td>" + escape_html(view.name) + spread_cell(view.weight);
    if (view.place)
      table += spread_cell(view.place->x) + spread_cell(view.place->y) + spread_cell(view.place->side);
    table += "</tr>";
  }
  return table + "</table></div>";
}

/// "sadness 8.1 %, anger 2.0 %": the most frequent wrong predictions for a label.
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
  const Metrics& metrics = evaluation.overall.metrics;
  std::ostringstream table;
  table << "<div class='scroll'><table><tr><th>expression<th>images<th>recall, %<th>precision, %"
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
  table
      << "<h2>Recall in the subsets</h2><p class='soft'>Percent, its 95 % interval, and the images it is of; "
      << "model " << short_hash(evaluation)
      << ".</p><div class='scroll'><table class='wide'><tr><th>expression";
  for (const auto& part : parts) table << "<th>" << escape_html(part.name);
  table << "</tr>";
  for (std::size_t i = 0; i < evaluation.labels.size(); ++i) {
    table << "<tr><td>" << escape_html(evaluation.labels[i]);
    for (const auto& part : parts) {
      const Metrics& metrics = part.result->metrics;
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
    const Metrics& metrics = part.result->metrics;
    const std::string words = "<figure>" + caption(evaluation, part);
    confusions += words + confusion_svg(metrics, evaluation.labels) + "</figure>";
    diagrams += words + reliability_svg(metrics) + "</figure>";
  }
  return "<h2>Confusion matrices</h2><p class='soft'>Rows are the true labels, columns the predicted ones; "
         "each number is the percentage of its row.</p><div class='plots'>" +
         confusions +
         "</div><h2>Calibration</h2><p class='soft'>Blue bars: accuracy of predictions with this confidence. "
         "Orange: overconfidence. Faint blue: underconfidence. Below: number of images.</p><div "
         "class='plots'>" +
         diagrams + "</div>";
}

std::string mistakes_sheet(const Evaluation& evaluation, const EvaluationSet& set, std::size_t most) {
  if (evaluation.mistakes.empty()) return "";
  std::ostringstream sheet;
  const std::size_t shown = std::min(most, evaluation.mistakes.size());
  sheet << "<h2>Most confident mistakes</h2><p class='soft'>" << shown << " of " << evaluation.mistakes.size()
        << " mistakes among " << set.count() << " images of " << escape_html(evaluation.dataset) << " "
        << escape_html(evaluation.split) << ", model " << short_hash(evaluation)
        << ". Blue: the majority label; orange: the prediction.</p><div class='sheet'>";
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
  return page_head(title) + "<body><h1>" + title + "</h1><p class='run'>" +
         std::to_string(evaluation.overall.metrics.count()) + " images with a majority label; engine " +
         escape_html(run.engine) + "; temperature " + fixed(run.temperature, 3) +
         (run.fitted_here ? ", fitted on these very images" : "") + settings +
         (run.training.empty() ? "" : "<br>trained on " + escape_html(run.training)) +
         "<br>model file's SHA-256 <code>" + escape_html(run.model_hash) + "</code></p>";
}

}  // namespace

std::string html_report(const Evaluation& evaluation, const EvaluationSet& set, std::size_t mistakes) {
  return head(evaluation) + tiles(evaluation) + sets_table(evaluation) + against_table(evaluation) +
         poses_section(evaluation) + invariance_section(evaluation) + views_section(evaluation) +
         "<h2>Expressions</h2><p class='soft'>" + escape_html(evaluation.dataset) + " " +
         escape_html(evaluation.split) + ", all " + std::to_string(set.count()) + " images; model " +
         short_hash(evaluation) + ". Small print: 95 % intervals.</p>" + labels_table(evaluation) +
         recall_table(evaluation) + plots(evaluation) + mistakes_sheet(evaluation, set, mistakes) +
         "<footer>Intervals are 95 %: Wilson's for proportions, bootstrap over images for the rest. "
         "Calibration error: expected calibration error over 15 bins of equal "
         "width.</footer></body></html>\n";
}

}  // namespace regard

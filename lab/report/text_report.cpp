#include "lab/report/text_report.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "lab/report/plots.h"
#include "regard/core/text.h"

namespace regard {
namespace {

std::string left(const std::string& text, std::size_t width) {
  return text + std::string(width - std::min(width, text_width(text)), ' ');
}

std::string right(const std::string& text, std::size_t width) {
  return std::string(width - std::min(width, text_width(text)), ' ') + text;
}

constexpr std::size_t kName = 26;

std::string set_row(const std::string& name, const Metrics& metrics) {
  return left(name, kName) + right(std::to_string(metrics.count()), 8) +
         right(percent(metrics.accuracy()), 12) + "  " + range(metrics.accuracy_interval(), 100, 1, "–");
}

std::string measured_row(const std::string& name, const MetricsResult& result, double calibration_error) {
  const auto& [metrics, intervals] = result;
  return left(set_row(name, metrics), kName + 33) + "  " +
         left(percent(metrics.balanced_accuracy()) + " (" + range(intervals.balanced_accuracy, 100, 0, "–") +
                  ")",
              14) +
         fixed(metrics.macro_f1(), 3) + " " +
         left("(" + fixed(intervals.macro_f1.low, 2) + "–" + fixed(intervals.macro_f1.high, 2) + ")", 12) +
         right(fixed(calibration_error, 4), 8) + right(fixed(metrics.log_loss(), 4), 10) + "\n";
}

/// A model by name, hash and the options that its file has otherwise.
std::string named(const RunInfo& run) {
  std::string text = run.model;
  for (const auto& setting : run.settings) text += ", " + setting;
  return text + ", SHA-256 " + run.model_hash;
}

std::string sets_table(const Evaluation& evaluation) {
  std::string table = left("", kName) +
                      "images  accuracy %  95 %         balanced %    macro F1 (95 %)      ECE  log loss\n" +
                      measured_row(evaluation.split, evaluation.overall, evaluation.calibration_error());
  for (const auto& subset : evaluation.subsets) {
    table += measured_row(subset.name, subset.overall, subset.overall.metrics.calibration_error());
    for (const auto& [type, metrics] : subset.types) table += set_row("  " + type, metrics) + "\n";
  }
  if (!evaluation.subsets.empty()) table += "\n";
  for (const auto& subset : evaluation.subsets)
    table += subset.name + ": " + subset.list + ", " + std::to_string(subset.absent) +
             (subset.absent == 1 ? " name" : " names") + " of it not among the images\n";
  return table;
}

std::string against_table(const Evaluation& evaluation) {
  const auto& [other, all, subsets, recalls] = *evaluation.against;
  std::string table = "\nagainst " + named(other) + "\n" + left("", kName) +
                      "points gained  95 %, paired    right only here  only there\n";
  const auto row = [&](const std::string& name, const PairedDifference& paired) {
    table += left(name, kName) + right(points(paired.difference), 13) + "  " +
             left(points(paired.interval.low) + " to " + points(paired.interval.high), 16) +
             right(std::to_string(paired.only_second), 15) + right(std::to_string(paired.only_first), 12) +
             "\n";
  };
  row(evaluation.split, all);
  for (const auto& [name, paired] : subsets) row(name, paired);
  table += "recall by expression\n";
  for (const auto& [label, count, paired] : recalls)
    row("  " + label + " (" + std::to_string(count) + ")", paired);
  return table;
}

std::string poses_table(const ByPose& by_pose) {
  std::string table = "\n" + left("by head pose", kName) + "images  accuracy %  95 %\n";
  for (const auto& group : by_pose.groups) table += set_row(group.name, group.metrics) + "\n";
  table += left("mean of these", kName) + right("", 8) + right(percent(by_pose.mean_accuracy()), 12) + "\n";
  if (by_pose.unknown > 0) table += std::to_string(by_pose.unknown) + " images have no known head pose.\n";
  if (const auto& error = by_pose.error)
    table += "The network's own head poses are off by " + fixed(error->yaw, 1) + " (yaw), " +
             fixed(error->pitch, 1) + " (pitch) and " + fixed(error->roll, 1) +
             " (roll) degrees\non average over " + std::to_string(error->count) +
             " images, as far as the data set knows them.\n";
  return table;
}

std::string probe_row(const char* name, const std::optional<AngleProbe>& probe) {
  if (!probe) return left(name, kName) + "the same on all images\n";
  return left(name, kName) + right(fixed(probe->r2, 3), 8) + "  " +
         left(fixed(probe->interval.low, 3) + " to " + fixed(probe->interval.high, 3), 16) +
         right(fixed(probe->error, 2), 14) + right(fixed(probe->mean_error, 2), 13) + "\n";
}

std::string spread_lines(const PoseSpread& spread) {
  return "Accuracy over " + std::to_string(spread.groups) + " groups of poses: standard deviation " +
         fixed(100 * spread.std, 1) + " points; " + spread.best + " less " + spread.worst + ": " +
         points(spread.difference) + " (95 % " + points(spread.interval.low) + " to " +
         points(spread.interval.high) + ").\nBy chance the best and the worst group differ by " +
         fixed(100 * spread.by_chance, 1) + " on average, and by as much as here in " +
         percent(spread.chance) + " % of 1000 shuffles.\n";
}

std::string invariance_table(const PoseInvariance& result) {
  return "\n" + left("pose read from " + std::to_string(result.features) + " features", kName + 6) +
         "R2  95 %                error, deg  of the mean\n" + probe_row("yaw", result.yaw) +
         probe_row("pitch", result.pitch) + (result.spread ? spread_lines(*result.spread) : "");
}

std::string spread_words(const Spread& spread) {
  return right(fixed(spread.mean, 3), 9) + " ± " + fixed(spread.std, 3);
}

std::string views_table(const ViewStudy& study) {
  const bool placed = study.views.front().place.has_value();
  std::string table = "\n" + left("view", kName) + "   weight" + left("", 8);
  if (placed) table += "centre, x" + left("", 8) + "centre, y" + left("", 8) + "     side";
  table += "\n";
  for (const auto& view : study.views) {
    table += left(view.name, kName) + spread_words(view.weight);
    if (view.place)
      for (const auto* spread : {&view.place->x, &view.place->y, &view.place->side})
        table += spread_words(*spread);
    table += "\n";
  }
  return table + "Means and standard deviations from face to face; the weights' entropy is " +
         fixed(study.entropy, 3) + " of the largest there could be.\n";
}

std::string labels_table(const Evaluation& evaluation) {
  const Metrics& metrics = evaluation.overall.metrics;
  std::string table = "expression    images  recall %  95 %         precision %  95 %\n";
  for (std::size_t i = 0; i < evaluation.labels.size(); ++i)
    table += left(evaluation.labels[i], 12) + right(std::to_string(metrics.support(i)), 10) +
             right(percent(metrics.recall(i)), 10) + "  " +
             left(range(metrics.recall_interval(i), 100, 1, "–"), 11) +
             right(percent(metrics.precision(i)), 13) + "  " +
             range(metrics.precision_interval(i), 100, 1, "–") + "\n";
  return table;
}

std::string confusion_table(const std::string& name, const Metrics& metrics,
                            const std::vector<std::string>& labels) {
  std::string table = left(name, 14);
  for (const auto& label : labels) table += right(label, 10);
  table += "\n";
  for (std::size_t row = 0; row < labels.size(); ++row) {
    table += left(labels[row], 14);
    for (std::size_t column = 0; column < labels.size(); ++column) {
      const auto count = metrics.confusion(row, column);
      table += right(count == 0 ? "·" : percent(static_cast<double>(count) / metrics.support(row)), 10);
    }
    table += "\n";
  }
  return table;
}

}  // namespace

std::string text_report(const Evaluation& evaluation) {
  const auto& run = evaluation.run;
  std::ostringstream text;
  text << evaluation.dataset << ", " << evaluation.split << ": " << evaluation.overall.metrics.count()
       << " images with a majority label\n"
       << "model " << named(run) << "\n"
       << (run.training.empty() ? "" : "trained on " + run.training + "\n") << "engine " << run.engine
       << ", temperature " << fixed(run.temperature, 3) << (run.fitted_here ? ", fitted on these images" : "")
       << "\n\n"
       << sets_table(evaluation);
  if (evaluation.cross_fitted_error)
    text << "\nThe temperature was fitted on these images; so the calibration error (ECE) of "
         << evaluation.split << " is\ncross-fitted in " << kFolds << " folds. The fitted one is "
         << fixed(evaluation.overall.metrics.calibration_error(), 4)
         << (evaluation.subsets.empty() ? "" : "; those of subsets are fitted, too") << ".\n";
  if (evaluation.against) text << against_table(evaluation);
  if (evaluation.views) text << views_table(*evaluation.views);
  if (evaluation.by_pose) text << poses_table(*evaluation.by_pose);
  if (evaluation.pose_invariance) text << invariance_table(*evaluation.pose_invariance);
  text << "\n"
       << labels_table(evaluation) << "\nPercent of each true label's images that were taken for ...\n\n";
  text << confusion_table(evaluation.split, evaluation.overall.metrics, evaluation.labels);
  for (const auto& subset : evaluation.subsets)
    text << "\n" << confusion_table(subset.name, subset.overall.metrics, evaluation.labels);
  return text.str();
}

}  // namespace regard

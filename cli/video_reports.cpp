#include "cli/video_reports.h"

#include <CLI/CLI.hpp>

#include "regard/clip/drawing.h"
#include "regard/clip/events.h"
#include "regard/core/file.h"

namespace regard {

namespace {

namespace fs = std::filesystem;

constexpr const char* kEventEnding = ".csv";  // of the file of a clip, in a folder

void write_report(const std::string& out, const std::string& clip, const char* ending, auto&& text) {
  if (out.empty()) return;
  const auto path = target_of(out, clip, ending);
  write_text_atomically(path, text(path));
}

}  // namespace

bool is_output_folder(const std::string& target) {
  return target.ends_with('/') || fs::is_directory(target) || !fs::path(target).has_extension();
}

fs::path target_of(const std::string& out, const std::string& clip, const std::string& ending) {
  if (out.empty() || !is_output_folder(out)) return out;
  return fs::path(out) / (fs::path(clip).stem().string() + ending);
}

void check_targets(const ReportTargets& targets, bool several) {
  if (!targets.subtitles.empty() && !is_output_folder(targets.subtitles)) subtitle_format(targets.subtitles);
  std::vector<std::pair<const char*, std::string>> all{{"--summary", targets.summary},
                                                       {"--timeline", targets.timeline},
                                                       {"--subtitles", targets.subtitles},
                                                       {"--draw", targets.draw}};
  if (!targets.draw.empty() && !is_output_folder(targets.draw)) check_drawing_name(targets.draw);
  for (const auto& events : targets.events) {
    if (!is_output_folder(events)) event_format(events);
    all.emplace_back("--events", events);
  }
  for (const auto& [flag, target] : all)
    if (several && !target.empty() && !is_output_folder(target))
      throw CLI::ValidationError(std::string(flag) + ": there are several clips; name a folder");
}

Reports::Reports(const ReportTargets& targets, const std::vector<std::string>& labels,
                 const EpisodeOptions& episodes, const std::optional<TimeRange>& baseline)
    : targets_(targets), labels_(labels), summary_(labels, episodes), episodes_(episodes), timeline_(labels) {
  if (baseline) baselines_.emplace(*baseline);
}

void Reports::take(const ClipFrame& frame) {
  if (!targets_.summary.empty()) summary_.take(frame);
  if (!targets_.events.empty()) episodes_.take(frame);
  if (!targets_.timeline.empty()) timeline_.take(frame);
  if (!targets_.subtitles.empty()) captions_.take(frame);
  if (baselines_) baselines_->take(frame);
}

void Reports::write_events(const std::string& clip, const std::string& method) const {
  for (const auto& out : targets_.events)
    write_report(out, clip, kEventEnding, [&](const fs::path& path) {
      return event_format(path.string())
          .text(episodes_.episodes(),
                {.labels = labels_, .method = method, .clip = clip, .file = path, .date = utc_date()});
    });
}

void Reports::write(const std::string& clip, const VideoInfo& info, const std::string& method) const {
  write_report(targets_.summary, clip, ".csv",
               [&](const auto&) { return summary_.csv(method, baselines()); });
  write_report(targets_.timeline, clip, ".svg",
               [&](const auto&) { return timeline_.svg(fs::path(clip).filename().string(), method); });
  write_report(targets_.subtitles, clip, ".vtt", [&](const fs::path& path) {
    return subtitle_format(path.string())
        .text(captions_.captions(),
              {.labels = labels_, .width = info.width, .height = info.height, .method = method});
  });
  write_events(clip, method);
}

}  // namespace regard

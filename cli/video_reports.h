#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "regard/clip/baseline.h"
#include "regard/clip/episodes.h"
#include "regard/clip/subtitles.h"
#include "regard/clip/summary.h"
#include "regard/clip/timeline.h"
#include "regard/video/reader.h"

/// What `regard video` writes besides its table.
namespace regard {

/// Files, or folders with a file for each clip; empty: not wanted.
struct ReportTargets {
  std::string summary = {}, timeline = {}, subtitles = {}, draw = {};
  std::vector<std::string> events = {};
};

/// A folder takes one file per clip, named as the clip is.
bool is_output_folder(const std::string& target);

/// Where a clip's output goes; empty: to standard output.
std::filesystem::path target_of(const std::string& out, const std::string& clip, const std::string& ending);

/// Throws ValidationError for files of an unknown kind, and for a single file where there are `several`
/// clips.
void check_targets(const ReportTargets& targets, bool several);

/// The reports of one clip, which grow while it is recognised.
class Reports {
 public:
  Reports(const ReportTargets& targets, const std::vector<std::string>& labels,
          const EpisodeOptions& episodes, const std::optional<TimeRange>& baseline);

  void take(const ClipFrame& frame);

  /// What is usual for everybody; null: not wanted.
  const Baselines* baselines() const { return baselines_ ? &*baselines_ : nullptr; }

  /// Writes those that are wanted. `method`: how they came about, in a sentence.
  void write(const std::string& clip, const VideoInfo& info, const std::string& method) const;

 private:
  void write_events(const std::string& clip, const std::string& method) const;

  const ReportTargets& targets_;
  const std::vector<std::string>& labels_;
  Summary summary_;
  EpisodeFinder episodes_;
  Timeline timeline_;
  Captions captions_ = {};
  std::optional<Baselines> baselines_ = {};
};

}  // namespace regard

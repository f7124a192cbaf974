#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>
#include <optional>
#include <set>

#include "cli/commands.h"
#include "cli/common.h"
#include "cli/interrupt.h"
#include "cli/video_reports.h"
#include "regard/clip/clip_writer.h"
#include "regard/clip/drawing.h"
#include "regard/clip/method.h"
#include "regard/clip/row_file.h"
#include "regard/clip/run.h"
#include "regard/core/json.h"
#include "regard/core/output_file.h"
#include "regard/core/parallel.h"
#include "regard/core/text.h"
#include "regard/pipeline/model_files.h"
#include "regard/pipeline/stages.h"
#include "regard/video/live.h"

namespace regard {

namespace {

namespace fs = std::filesystem;

struct VideoOptions {
  std::vector<std::string> clips;
  std::string camera, model, from, to, exclude, format = "auto", out, baseline;
  double fps = 0;
  bool resume = false;
  int jobs = 0;
  ReportTargets reports;
  ClipOptions clip;
  EpisodeOptions episodes;
  std::vector<std::string> given;  // what the results depend on, as on the command line
  RecognizerOptions recognizer = {.detector = {.min_score = kLeastScoreInClips}};
};

std::vector<std::string> table_format_names() {
  std::vector<std::string> names{"auto"};
  for (const auto& format : clip_formats()) names.emplace_back(format.name);
  return names;
}

// As asked for, else by the ending of the file, else CSV.
std::string format_of(const VideoOptions& options) {
  if (options.format != "auto") return options.format;
  const std::string ending = fs::path(options.out).extension();
  for (const auto& format : clip_formats())
    if (ending == "." + std::string(format.name)) return format.name;
  return clip_formats().front().name;
}

FrameSelection selection_of(const VideoOptions& options) {
  FrameSelection selection{.fps = options.fps};
  if (!options.from.empty()) selection.range.from = parse_time(options.from, "--from");
  if (!options.to.empty()) selection.range.to = parse_time(options.to, "--to");
  if (!options.exclude.empty()) selection.excluded = read_ranges(options.exclude);
  return selection;
}

// A camera has no second time, as whatever is known only at the end would need.
void check_inputs(const VideoOptions& options) {
  if (options.clips.empty() == options.camera.empty())
    throw CLI::ValidationError("CLIPS: name video files, or a camera by --camera");
  if (!options.camera.empty() && (options.resume || !options.baseline.empty()))
    throw CLI::ValidationError("--camera: cannot be resumed, nor corrected by a baseline");
}

void check_targets(const VideoOptions& options, const std::string& ending) {
  if (options.resume && options.out.empty())
    throw CLI::ValidationError("--resume: continues a table, which --out names");
  if (!options.baseline.empty() && options.out.empty())
    throw CLI::ValidationError("--baseline: is known at the end of the clip; name a table by --out");
  check_targets(options.reports, options.clips.size() > 1);
  if (options.clips.size() > 1 && (options.out.empty() || !is_output_folder(options.out)))
    throw CLI::ValidationError("--out: there are several clips; name a folder, which gets a table for each");
  std::set<fs::path> targets;
  for (const auto& clip : options.clips)
    if (const auto target = target_of(options.out, clip, ending);
        !target.empty() && !targets.insert(target).second)
      throw CLI::ValidationError("--out: several clips would be written to " + target.string());
}

// What must be the same for a run to be continued.
std::string kind_of(const fs::path& clip, const VideoOptions& options, const Stages& stages) {
  const auto selection = selection_of(options);
  Json excluded = Json::array();
  for (const auto& [from, to] : selection.excluded) excluded.push_back({from, to});
  const Json kind{{"clip", clip.filename().string()},
                  {"bytes", fs::file_size(clip)},
                  {"model", stages.info().hash()},
                  {"version", REGARD_VERSION},
                  {"fps", options.fps},
                  {"from", options.from},
                  {"to", options.to},
                  {"exclude", excluded},
                  {"baseline", options.baseline},
                  {"options", to_json(options.clip)},
                  {"detector", to_json(options.recognizer.detector)},
                  {"engine", to_json(options.recognizer.engine)}};
  return json_shown(kind);
}

// Tables that others continue to read, and the journal that a killed run is continued from.
class Table {
 public:
  // `path` empty: standard output, which has no journal. `kind` empty: a table that cannot be continued.
  Table(const fs::path& path, const std::string& kind, bool resume) {
    if (path.empty()) return;
    lock_.emplace(path);
    if (!kind.empty()) journal_.emplace(journal_of(path), kind, resume);
    rows_.emplace(path, journal_ && journal_->goes_on());
  }

  Journal* journal() { return journal_ ? &*journal_ : nullptr; }

  void write(std::string_view text) { rows_ ? rows_->write(text) : print(text); }

  // Everything so far, the journal first: rows never have what the journal lacks.
  void sync() {
    if (journal_) journal_->sync();
    if (rows_) rows_->sync();
  }

  void finish() {
    sync();
    if (journal_) journal_->remove();
  }

 private:
  std::optional<OutputLock> lock_;
  std::optional<Journal> journal_;
  std::optional<RowFile> rows_;
};

// Calls something once a second at most.
class EverySecond {
 public:
  bool is_due() {
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < std::chrono::seconds(1)) return false;
    last_ = now;
    return true;
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

// How far the rows of a camera are behind what happens.
class Delay {
 public:
  void take(LiveReader& camera, std::int64_t number) {
    const double seconds = camera.age(number);
    sum_ += seconds, most_ = std::max(most_, seconds), ++frames_, last_ = number;
  }

  void print() const {
    if (frames_ == 0) return;
    std::cerr << formatted(
        "regard: %zu of %lld frames, %.2f s behind the camera on average, %.2f s at most\n", frames_,
        static_cast<long long>(last_) + 1, sum_ / static_cast<double>(frames_), most_);
  }

 private:
  std::size_t frames_ = 0;
  std::int64_t last_ = 0;
  double sum_ = 0, most_ = 0;
};

// Works through the clips.
class VideoCommand {
 public:
  explicit VideoCommand(const VideoOptions& options)
      : options_(options), format_(format_of(options)), stages_(load(options)) {
    if (!options.baseline.empty()) baseline_ = parse_baseline(options.baseline, "--baseline");
    options_.clip.selection = selection_of(options);
    options_.clip.jobs = jobs_or_cores(options.jobs);
    options_.clip.describe = describer(stages_);
  }

  // What is wrong with the clip, if anything.
  std::optional<std::string> run(const std::string& clip) {
    try {
      const auto target = target_of(options_.out, clip, "." + format_);
      if (options_.resume && fs::exists(target) && !fs::exists(journal_of(target))) {
        std::cerr << "regard: " << target.string() << ": is complete already\n";
        return {};
      }
      return recognize(clip, target);
    } catch (const std::exception& error) {
      return error.what();
    }
  }

  bool interrupted() const { return interrupt_.requested(); }

 private:
  static Stages load(const VideoOptions& options) {
    RecognizerOptions recognizer = options.recognizer;
    recognizer.jobs = jobs_or_cores(options.jobs);
    return Stages(find_model(options.model), recognizer);
  }

  std::optional<std::string> recognize(const std::string& clip, const fs::path& target) {
    auto* camera = options_.camera.empty()
                       ? nullptr
                       : &camera_.emplace(open_camera(clip), !options_.reports.draw.empty());
    const auto file = camera ? nullptr : open_video(clip);
    VideoReader& reader = camera ? *camera : *file;
    const std::string method = method_sentence(REGARD_VERSION, stages_.info(), options_.given);
    const auto writer =
        make_clip_writer(format_, {.face = {.labels = stages_.info().labels, .views = stages_.views()},
                                   .baseline = baseline_.has_value(),
                                   .method = method});
    Table table(target, camera ? "" : kind_of(clip, options_, stages_), options_.resume);
    table.write(writer->header());
    Reports reports(options_.reports, stages_.info().labels, options_.episodes, baseline_);
    const auto drawing = drawing_of(clip, method);
    Delay delay;
    follow(reader, table, [&](const ClipFrame& frame) {
      if (!baseline_) table.write(writer->text(frame));
      if (drawing) drawing->take(frame);
      reports.take(frame);
      if (camera) delay.take(*camera, frame.stamp.number);
    });
    if (interrupted() && !camera)
      return table.sync(), clip + ": interrupted" + (target.empty() ? "" : "; --resume continues it");
    if (baseline_) write_corrected(table, *writer, *reports.baselines());
    reports.write(clip, reader.info(), method);
    if (drawing) finish(*drawing, clip);
    table.finish();
    delay.print();
    const std::string shortfall = reader.shortfall();
    return shortfall.empty() ? std::nullopt : std::optional(clip + ": " + shortfall);
  }

  // None unless it is wanted.
  std::unique_ptr<ClipDrawing> drawing_of(const std::string& clip, const std::string& method) {
    const auto& out = options_.reports.draw;
    if (out.empty()) return {};
    const ClipDrawing::Options options{
        .labels = stages_.info().labels, .from = options_.clip.selection.range.from, .method = method};
    const auto target = target_of(out, clip, ".mp4");
    return camera_ ? std::make_unique<ClipDrawing>(camera_->again(), target, options)
                   : std::make_unique<ClipDrawing>(clip, target, options);
  }

  static void finish(ClipDrawing& drawing, const std::string& clip) {
    if (const auto sound = drawing.finish(); !sound.empty())
      std::cerr << "regard: " << clip << ": its sound (" << sound << ") cannot be copied into MP4\n";
  }

  // Calls `take` with every frame, and shows how far it is.
  void follow(VideoReader& reader, Table& table, const std::function<void(const ClipFrame&)>& take) {
    Progress progress(0, "frames");
    std::size_t frames = 0;
    EverySecond second;
    std::stop_source stop;
    const ClipSinks sinks{.frame =
                              [&](const ClipFrame& frame) {
                                if (!table.journal()) progress.clear();
                                take(frame);
                                ++frames;
                              },
                          .progress =
                              [&](double seconds) {
                                progress.show(frames, part_done(reader.info(), seconds));
                                if (second.is_due()) table.sync();
                                if (interrupted()) stop.request_stop();
                              }};
    run_clip(reader, stages_, options_.clip, sinks, table.journal(), stop.get_token());
  }

  // All rows, now that the baselines are known.
  void write_corrected(Table& table, ClipWriter& writer, const Baselines& baselines) const {
    replay_clip(*table.journal(), options_.clip, [&](const ClipFrame& frame) {
      ClipFrame corrected = frame;
      baselines.correct(corrected);
      table.write(writer.text(corrected));
    });
  }

  double part_done(const VideoInfo& info, double seconds) const {
    const auto& range = options_.clip.selection.range;
    const double end = std::min(range.to, info.seconds);
    return info.seconds > 0 && end > range.from ? std::max(0., seconds - range.from) / (end - range.from) : 0;
  }

  VideoOptions options_;
  std::string format_;
  std::optional<TimeRange> baseline_ = {};
  Stages stages_;
  std::optional<LiveReader> camera_ = {};
  Interrupt interrupt_;
};

void recognize_videos(const VideoOptions& options) {
  check_inputs(options);
  check_targets(options, "." + format_of(options));
  VideoCommand command(options);
  std::size_t done = 0, failed = 0;
  for (const auto& clip : options.camera.empty() ? options.clips : std::vector{options.camera}) {
    if (command.interrupted()) break;
    const auto problem = command.run(clip);
    if (problem) std::cerr << "regard: " << *problem << '\n';
    problem ? ++failed : ++done;
  }
  if (command.interrupted() && options.camera.empty())
    throw Error("interrupted, " + std::to_string(done) + " done");
  if (failed > 0) throw Error(std::to_string(failed) + " failed, " + std::to_string(done) + " done");
}

// The options that the results depend on, as they were given.
std::vector<std::string> given_for_results(const CLI::App& command) {
  const std::set<std::string> others{"--help",      "--model",   "--format", "--out",
                                     "--resume",    "--summary", "--events", "--timeline",
                                     "--subtitles", "--draw",    "--jobs",   "--threads"};
  std::vector<std::string> given;
  for (const auto* option : command.get_options())
    if (option->count() > 0 && option->get_name().starts_with("--") && !others.contains(option->get_name()))
      given.push_back(option->get_name() + "=" + join(option->results(), ","));
  return given;
}

constexpr const char* kVideoExamples =
    R"(One row per face and frame; a frame without faces has a row with success 0. The first columns are those of OpenFace:
frame (from 1), face_id (the same person has the same number; 0: seen too briefly to be anybody), timestamp (seconds, as
the file states it), confidence, success, pose_Rx, pose_Ry, pose_Rz (radians). damaged: the frame was not decoded without
errors; cut: a new scene begins; classified: the expression was recognised in this frame. Then the columns of
`regard recognize`, and the probabilities smoothed over time. A killed run is continued by --resume, with the same result.
A file that was cut off is recognised as far as it goes, with exit code 1.

examples:
  regard video interview.mp4 --out faces.csv
  regard video interview.mp4 --fps 5 --from 1:20 --to 3:40 --out faces.csv --summary people.csv
  regard video interview.mp4 --out faces.csv --baseline 0-10s --events smiles.csv --events smiles.eaf
  regard video sessions/*.mp4 --out tables/ --people 2
  regard video long.mp4 --out faces.csv --resume
  regard video --camera 0 --to 10:00 --out faces.csv --draw drawn.mp4)";

void add_selection(CLI::App& command, VideoOptions& options) {
  command.add_option("--fps", options.fps, "frames a second to look at, at most; 0: all of them")
      ->check(CLI::NonNegativeNumber)
      ->type_name("FLOAT")
      ->capture_default_str();
  command.add_option("--from", options.from, "begin at this time: seconds, 1:20 or 1:02:03.5")
      ->type_name("TIME");
  command.add_option("--to", options.to, "end before this time")->type_name("TIME");
  command.add_option("--exclude", options.exclude, "leave out these times: CSV with the columns from, to")
      ->type_name("FILE");
}

void add_reports(CLI::App& command, ReportTargets& targets) {
  command.add_option("--summary", targets.summary, "write a table with one row per person (CSV)")
      ->type_name("FILE|FOLDER");
  repeatable(
      command.add_option("--events", targets.events,
                         "write when somebody began and ceased to show an expression: .csv, or .eaf for "
                         "ELAN; may be given several times"))
      ->type_name("FILE|FOLDER");
  command.add_option("--timeline", targets.timeline, "draw who showed which expression when (SVG)")
      ->type_name("FILE|FOLDER");
  command.add_option("--draw", targets.draw, "write the video with the results drawn into it (.mp4)")
      ->type_name("FILE|FOLDER");
  command
      .add_option("--subtitles", targets.subtitles,
                  "write subtitles that show the results over the video in any player (.vtt or .ass)")
      ->type_name("FILE|FOLDER");
}

void add_outputs(CLI::App& command, VideoOptions& options) {
  command.add_option("--format", options.format, "output format; auto: by the ending of --out, else CSV")
      ->check(CLI::IsMember(table_format_names()))
      ->capture_default_str();
  command
      .add_option("--out", options.out,
                  "write the table to a file, or for many clips to a folder, instead of standard output")
      ->type_name("FILE|FOLDER");
  command.add_flag("--resume", options.resume, "continue the table of --out where a run before has stopped");
  command
      .add_option("--baseline", options.baseline,
                  "correct for what is usual for each person: the median of the whole clip, or of a part of "
                  "it, such as 0-10s")
      ->type_name("median|FROM-TO");
  add_reports(command, options.reports);
}

}  // namespace

void add_video(CLI::App& app) {
  auto options = std::make_shared<VideoOptions>();
  auto* command =
      app.add_subcommand("video", "recognises the expressions of people in videos, frame by frame");
  command->add_option("CLIPS", options->clips, "video files");
  command
      ->add_option("--camera", options->camera,
                   "a camera instead of files, until it is interrupted or --to: 0 is the first one")
      ->type_name("INT|DEVICE");
  command
      ->add_option("--model", options->model,
                   "a model file, or the name of a shipped model (see `regard models`)")
      ->type_name("MODEL")
      ->default_str(kDefaultModel);
  add_selection(*command, *options);
  add_outputs(*command, *options);
  command
      ->add_option(
          "--jobs", options->jobs,
          "number of frames processed concurrently, each with an equal part of the cores; 0: one per core")
      ->check(CLI::NonNegativeNumber)
      ->type_name("INT")
      ->capture_default_str();
  add_flags(*command, options->clip);
  add_flags(*command, options->episodes);
  add_flags(*command, options->recognizer);
  command->footer(kVideoExamples);
  command->callback([options, command] {
    options->given = given_for_results(*command);
    recognize_videos(*options);
  });
}

}  // namespace regard

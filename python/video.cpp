#include <nanobind/stl/pair.h>
#include <nanobind/stl/variant.h>

#include <limits>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "bindings.h"
#include "convert.h"
#include "faces.h"
#include "pickling.h"
#include "properties.h"
#include "regard/clip/clip_writer.h"
#include "regard/clip/stream.h"
#include "regard/core/text.h"
#include "regard/pipeline/model_files.h"
#include "repr.h"
#include "settings.h"

namespace regard::python {
namespace {

using Time = std::variant<double, std::string>;

double seconds_of(const Time& time, const char* where) {
  if (const auto* text = std::get_if<std::string>(&time)) return parse_time(*text, where);
  return std::get<double>(time);
}

/// What is given by the names that `regard video` has for it.
struct VideoOptions {
  ClipOptions clip = {};
  DetectorOptions detector = {.min_score = kLeastScoreInClips};
  EngineOptions engine = {};

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("clip", clip, "");
    visit("detector", detector, "");
    visit("engine", engine, "");
  }
};

/// Calls take(name, field, help) for every option that is no struct. The number of threads has an argument of
/// its own.
template <OptionsStruct Options, class Take>
void for_each_option(Options& options, Take take) {
  options.visit([&]<class Field>(const char* name, Field& field, const char* help) {
    if constexpr (OptionsStruct<Field>)
      for_each_option(field, take);
    else if (name != std::string_view("threads"))
      take(name, field, help);
  });
}

template <class Field>
std::string type_and_default(const Field& field) {
  if constexpr (std::is_same_v<Field, std::string>) return "str = '" + field + "'";
  if constexpr (std::is_same_v<Field, int>) return "int = " + std::to_string(field);
  if constexpr (std::is_floating_point_v<Field>) return formatted("float = %g", static_cast<double>(field));
}

void set_options(const nb::kwargs& given, VideoOptions& options) {
  std::vector<std::string> known;
  for_each_option(options, [&]<class Field>(const char* name, Field& field, const char*) {
    known.emplace_back(name);
    if (!given.contains(name)) return;
    if (!nb::try_cast<Field>(given[name], field))
      throw nb::type_error(formatted("%s: expected %s", name, type_and_default(field).c_str()).c_str());
  });
  for (const auto& [name, value] : given)
    if (const auto text = nb::cast<std::string>(name); std::ranges::find(known, text) == known.end())
      throw nb::type_error(
          formatted("Video() has no option '%s'; expected one of: %s", text.c_str(), join(known).c_str())
              .c_str());
}

/// What comes before the options that have a description.
struct VideoArguments {
  std::filesystem::path path;
  std::optional<std::filesystem::path> model;
  int threads, jobs;
  double fps;
  Time start;
  std::optional<Time> end;
  std::vector<std::pair<Time, Time>> exclude;

  FrameSelection selection() const {
    FrameSelection selection{.fps = fps, .range = {.from = seconds_of(start, "start")}};
    if (end) selection.range.to = seconds_of(*end, "end");
    for (const auto& [from, to] : exclude)
      selection.excluded.push_back({seconds_of(from, "exclude"), seconds_of(to, "exclude")});
    return selection;
  }
};

/// A warning in Python; as an error, if those are wanted.
void warn(const std::string& text) {
  if (PyErr_WarnEx(PyExc_RuntimeWarning, text.c_str(), 1) != 0) throw nb::python_error();
}

/// A video as Python sees it.
class Video {
 public:
  Video(const VideoArguments& arguments, VideoOptions options) {
    const nb::gil_scoped_release released;
    file_ = arguments.path.string();
    auto reader = open_video(arguments.path);
    const Settings settings{.model = arguments.model,
                            .threads = arguments.threads,
                            .jobs = arguments.jobs,
                            .precision = options.engine.precision,
                            .prior = options.engine.prior,
                            .min_score = options.detector.min_score};
    auto recognizer = options_of(settings);
    options.detector.threads = recognizer.detector.threads;
    recognizer.detector = options.detector;
    Stages stages(find_model(arguments.model.value_or(std::filesystem::path())), recognizer);
    options.clip.selection = arguments.selection();
    options.clip.jobs = recognizer.jobs;
    options.clip.describe = describer(stages);
    names_ = std::make_shared<Names>(Names{stages.info().labels, stages.views()});
    stream_ = std::make_unique<ClipStream>(std::move(reader), std::move(stages), std::move(options.clip));
  }
  ~Video() {
    const nb::gil_scoped_release released;
    stream_.reset();
  }

  FrameInClip next() {
    if (auto frame = next_of_stream()) return {std::make_shared<const ClipFrame>(std::move(*frame)), names_};
    throw nb::stop_iteration();
  }

  std::string csv() {
    const auto writer =
        make_clip_writer("csv", {.face = {.labels = names_->labels, .views = names_->views}, .method = {}});
    std::string text = writer->header();
    while (const auto frame = next_of_stream()) text += writer->text(*frame);
    return text;
  }

  const std::string& file() const { return file_; }
  const Names& names() const { return *names_; }
  const ClipStream& stream() const { return *stream_; }

 private:
  std::optional<ClipFrame> next_of_stream() {
    std::optional<ClipFrame> frame;
    {
      const nb::gil_scoped_release released;
      frame = stream_->next();
    }
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
    if (const auto shortfall = stream_->shortfall();
        !frame && !std::exchange(warned_, true) && !shortfall.empty())
      warn(file_ + ": " + shortfall);
    return frame;
  }

  std::string file_;
  std::shared_ptr<Names> names_;
  std::unique_ptr<ClipStream> stream_;
  bool warned_ = false;
};

void initialize(Video* place, std::filesystem::path path, std::optional<std::filesystem::path> model,
                int threads, int jobs, double fps, Time start, std::optional<Time> end,
                std::vector<std::pair<Time, Time>> exclude, const nb::kwargs& others) {
  VideoOptions options;
  set_options(others, options);
  new (place) Video({.path = std::move(path),
                     .model = std::move(model),
                     .threads = threads,
                     .jobs = jobs,
                     .fps = fps,
                     .start = std::move(start),
                     .end = std::move(end),
                     .exclude = std::move(exclude)},
                    std::move(options));
}

std::string video_signature() {
  std::string signature =
      "def __init__(self, path: str | os.PathLike[str], model: str | os.PathLike[str] | None = None, "
      "threads: "
      "int = 0, *, jobs: int = 0, fps: float = 0, start: float | str = 0, end: float | str | None = None, "
      "exclude: collections.abc.Sequence[tuple[float | str, float | str]] = ()";
  VideoOptions options;
  for_each_option(options, [&](const char* name, const auto& field, const char*) {
    signature += formatted(", %s: %s", name, type_and_default(field).c_str());
  });
  return signature + ") -> None";
}

std::string video_help() {
  std::string help =
      R"(The frames of a video with their faces, as `regard video` finds them: an iterator of Frame.

    for frame in regard.Video("interview.mp4", fps=5):
        for face in frame.faces:
            print(frame.timestamp, face.face_id, face.expression)

path: a video file.
model, threads, jobs: as in Recognizer; jobs: groups of frames at the same time.
fps: frames a second to look at, at most; 0: all of them.
start, end: begin and end before this time: seconds, or text such as "1:20" or "1:02:03.5".
exclude: pairs of such times, which are left out.
)";
  VideoOptions options;
  for_each_option(options, [&](const char* name, const auto&, const char* text) {
    help += formatted("%s: %s.\n", name, text);
  });
  return help + R"(
Reading and recognition go on in other threads while a frame is used; what is not asked for is not recognised. A frame
is given out once it is certain who is in it, some seconds of video later. The result does not depend on `threads` and
`jobs`. A video can be gone through once, by one thread at a time.

Raises Error for a file that is missing or no video, without the part of regard that reads videos or FFmpeg's libraries,
and for options out of range. A file that was cut off is recognised as far as it goes, and a RuntimeWarning at the end
says how much is missing.)";
}

using PersonFaces = nb::typed<nb::list, FaceInClip>;

PersonFaces faces_of(const FrameInClip& owner) {
  nb::list list;
  for (const auto& face : owner.frame->faces)
    list.append(FaceInClip(std::shared_ptr<const PersonFace>(owner.frame, &face), owner.names));
  return nb::borrow<PersonFaces>(list);
}

void bind_person_face(nb::module_& module) {
  nb::class_<FaceInClip, FaceInImage> type(module, "PersonFace",
                                           "A face in a frame of a video: a Face, and whose it is.");
  bind_fields(type);
  type.def("__repr__", [](const FaceInClip& face) { return to_str(repr(*face.person)); });
  bind_json(type, "The face as `regard video --format jsonl` writes it.");
  bind_pickling(type);
}

void bind_frame(nb::module_& module) {
  nb::class_<FrameInClip> type(module, "Frame", "A frame of a video with its faces.");
  type.def_prop_ro(
      "frame", [](const FrameInClip& owner) { return owner.frame->stamp.number + 1; },
      "Its number in the file, from 1.");
  type.def_prop_ro(
      "timestamp", [](const FrameInClip& owner) { return owner.frame->stamp.seconds; },
      "Seconds from the start of the file, as it states them for this frame.");
  type.def_prop_ro(
      "damaged", [](const FrameInClip& owner) { return owner.frame->stamp.damaged; },
      "Whether it could not be decoded without errors.");
  type.def_prop_ro(
      "cut", [](const FrameInClip& owner) { return owner.frame->cut; }, "Whether a new scene begins.");
  type.def_prop_ro("faces", faces_of, "Its faces; empty if there is none.");
  type.def("__repr__", [](const FrameInClip& owner) { return to_str(repr(*owner.frame)); });
  bind_json(type, "The frame as a line of `regard video --format jsonl`.");
}

void bind_information(nb::class_<Video>& type) {
  type.def_prop_ro(
      "path", [](const Video& video) { return to_str(video.file()); }, "As given.");
  type.def_prop_ro(
      "width", [](const Video& video) { return video.stream().info().width; },
      "Of the frames, upright and with square pixels.");
  type.def_prop_ro("height", [](const Video& video) { return video.stream().info().height; });
  type.def_prop_ro(
      "rate", [](const Video& video) { return video.stream().info().rate; },
      "Frames a second on average; 0: not known.");
  type.def_prop_ro(
      "seconds", [](const Video& video) { return video.stream().info().seconds; },
      "Its duration as the file states it; 0: not known.");
  type.def_prop_ro(
      "labels", [](const Video& video) { return video.names().labels; },
      "The labels of the probabilities, in order.");
  type.def_prop_ro(
      "shortfall", [](const Video& video) { return to_str(video.stream().shortfall()); },
      "What the file lacks by its own account, once the end is reached; empty if it is whole.");
}

}  // namespace

void bind_video(nb::module_& module) {
  static const std::string signature = video_signature(), help = video_help();
  bind_person_face(module);
  bind_frame(module);
  nb::class_<Video> type(module, "Video", help.c_str());
  type.def("__init__", initialize, nb::arg("path"), nb::arg("model") = nb::none(), nb::arg("threads") = 0,
           nb::kw_only(), nb::arg("jobs") = 0, nb::arg("fps") = 0., nb::arg("start") = 0.,
           nb::arg("end") = nb::none(), nb::arg("exclude") = nb::tuple(), nb::arg("options"),
           nb::sig(signature.c_str()));
  type.def(
      "__iter__", [](nb::handle self) { return nb::borrow(self); }, nb::sig("def __iter__(self) -> Video"));
  type.def("__next__", &Video::next);
  type.def(
      "to_csv", [](Video& video) { return to_str(video.csv()); },
      "The frames that are left as the table of `regard video`, a row for each face; a frame without faces "
      "has a\n"
      "row as well.");
  bind_information(type);
}

}  // namespace regard::python

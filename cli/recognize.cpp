#include <algorithm>
#include <iostream>
#include <set>

#include "cli/archive.h"
#include "cli/boxes.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "cli/drawings.h"
#include "cli/inputs.h"
#include "cli/interrupt.h"
#include "regard/core/parallel.h"
#include "regard/output/draw.h"
#include "regard/output/face_json.h"
#include "regard/output/face_writer.h"
#include "regard/pipeline/pipeline.h"
#include "regard/pipeline/recognizer.h"

namespace regard {

namespace {

struct RecognizeOptions {
  std::vector<std::string> images;
  std::string model, format = "auto", draw, boxes;
  bool chips = false;
  int jobs = 0;
  ArchiveFlags archive;
  RecognizerOptions recognizer;
};

// Number of concurrent images: as requested, else one per core, but no more than there are images. On CPUs,
// one image per core with one thread each is faster than one image with all threads: see docs/cli.md.
int jobs_of(const RecognizeOptions& options, std::size_t images) {
  const auto jobs = static_cast<std::size_t>(jobs_or_cores(options.jobs));
  return static_cast<int>(images > 0 ? std::min(jobs, images) : jobs);
}

Recognizer make_recognizer(const RecognizeOptions& options, int jobs) {
  RecognizerOptions recognizer = options.recognizer;
  recognizer.jobs = jobs;
  return Recognizer(options.model, recognizer);
}

// Finds the faces of an image, as set on the command line.
FaceStage face_stage(const RecognizeOptions& options, const Recognizer& recognizer, const GivenBoxes& boxes) {
  if (options.chips)
    return [&](const std::string&, ImageView chip) { return recognizer.recognize_chips({&chip, 1}); };
  if (options.boxes.empty())
    return [&](const std::string&, ImageView image) { return recognizer.recognize(image); };
  return [&](const std::string& file, ImageView image) {
    const auto* known = boxes.of(file);
    return known == nullptr ? std::vector<Face>() : recognizer.recognize(image, *known);
  };
}

std::vector<std::string> printed_format_names() {
  std::vector<std::string> names;
  for (const auto& format : face_formats()) names.emplace_back(format.name);
  return names;
}

// auto, and the formats of the library.
std::vector<std::string> format_names() {
  std::vector<std::string> names = printed_format_names();
  names.insert(names.begin(), "auto");
  for (const auto& name : archive_format_names())
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  return names;
}

std::string format_of(const RecognizeOptions& options) {
  const bool is_archive = !options.archive.out.empty();
  if (options.format == "auto") return !is_archive && is_terminal(stdout) ? "table" : "json";
  const auto names = is_archive ? archive_format_names() : printed_format_names();
  if (std::ranges::find(names, options.format) != names.end()) return options.format;
  throw CLI::ValidationError("--format " + options.format +
                             (is_archive ? ": is only printed; with" : ": needs --out; without") +
                             " --out there are " + join(names));
}

std::string about(const std::string& file, const std::string& message) {
  const std::string text = message.find(file) == std::string::npos ? file + ": " + message : message;
  if (text.ends_with(" video")) return text + "; `regard video` reads videos";
  return text.ends_with("a tar archive") ? text + "; with --out tar files are read" : text;
}

void report_unused(const std::string& boxes, const std::set<std::string>& names) {
  if (names.empty()) return;
  std::cerr << "regard: " << boxes << ": no image is named " << some_of({names.begin(), names.end()}) << '\n';
}

void report(const ImageList& list, const std::vector<std::string>& failures) {
  for (const auto& skipped : list.skipped()) std::cerr << "regard: " << skipped << '\n';
  for (const auto& failure : failures) std::cerr << "regard: " << failure << '\n';
}

// The sink of the pipeline: prints results, writes drawings and collects errors.
class Results {
 public:
  Results(const FaceWriter& writer, Drawings& drawings, std::size_t total, GivenBoxes& boxes)
      : writer_(writer), drawings_(drawings), boxes_(boxes), total_(total), progress_(total, "images") {
    print(writer.header());
  }

  void take(const ImageOutput& image) {
    boxes_.mark_used(image.file);
    if (image.error) return fail(image.file, image.error->what());
    progress_.clear();
    print(writer_.text(image));
    try {
      drawings_.write(image);
      ++done_;
    } catch (const std::exception& error) {
      fail(image.file, error.what());
    }
    if (total_ != 1) progress_.show(done_ + failures_.size());
  }

  void end() { progress_.clear(); }
  void fail(const std::string& file, const std::string& message) {
    failures_.push_back(about(file, message));
  }

  std::size_t done() const { return done_; }
  std::vector<std::string>& failures() { return failures_; }

 private:
  const FaceWriter& writer_;
  Drawings& drawings_;
  GivenBoxes& boxes_;
  std::size_t total_, done_ = 0;
  Progress progress_;
  std::vector<std::string> failures_;
};

void recognize(const RecognizeOptions& options) {
  ImageList list(options.images);
  const auto total = list.total();
  Drawings drawings(options.draw, list);
  GivenBoxes boxes(options.boxes.empty() ? Boxes() : read_boxes(options.boxes), list.known());
  const int jobs = jobs_of(options, total);
  const Recognizer recognizer = make_recognizer(options, jobs);
  const auto writer = make_face_writer(format_of(options), {.labels = recognizer.labels(),
                                                            .views = recognizer.views(),
                                                            .file_width = total ? list.longest() : 40});
  Results results(*writer, drawings, total, boxes);
  std::optional<Interrupt> interrupt;
  if (!list.open_ended()) interrupt.emplace();  // who waits for standard input is ended by the signal itself
  PipelineOptions pipeline{.jobs = jobs};
  if (drawings.wanted()) pipeline.draw = draw_faces;

  run_pipeline(
      [&]() -> std::optional<ImageInput> {
        if (interrupt && interrupt->requested()) return std::nullopt;
        auto file = list.next();
        return file ? std::optional(ImageInput{.file = std::move(*file)}) : std::nullopt;
      },
      face_stage(options, recognizer, boxes), [&](const ImageOutput& image) { results.take(image); },
      pipeline);

  results.end();
  const bool interrupted = interrupt && interrupt->requested();
  if (!interrupted) report_unused(options.boxes, boxes.unused());
  for (auto& failure : list.take_failures()) results.failures().push_back(std::move(failure));
  report(list, results.failures());
  const std::string done = std::to_string(results.done()) + " done";
  if (interrupted) throw Error("interrupted, " + done);
  if (!results.failures().empty())
    throw Error(std::to_string(results.failures().size()) + " failed, " + done);
}

// What must be the same in all of a run over an archive. The number of threads changes no result.
Json settings_of(const RecognizeOptions& options, const Recognizer& recognizer) {
  Json settings{{"version", REGARD_VERSION},
                {"model", {{"name", recognizer.model().name}, {"sha256", recognizer.model().hash()}}},
                {"chips", options.chips},
                {"detector", to_json(options.recognizer.detector)},
                {"engine", to_json(options.recognizer.engine)}};
  for (const char* part : {"detector", "engine"}) settings[part].erase("threads");
  return settings;
}

void recognize_into_parts(const RecognizeOptions& options) {
  const std::string format = format_of(options);
  ImageList list(options.images, /*tars=*/true);
  auto inputs = list_inputs(list, options.archive.out);
  const int jobs = jobs_of(options, inputs.images());
  const Recognizer recognizer = make_recognizer(options, jobs);
  const GivenBoxes no_boxes({}, {});
  recognize_archive(options.archive, std::move(inputs),
                    {recognizer, face_stage(options, recognizer, no_boxes), format, jobs,
                     settings_of(options, recognizer)});
}

constexpr const char* kRecognizeExamples =
    R"(Coordinates are pixels from the upper left corner. An image without faces has an empty list, and no line in CSV. An
image that cannot be read is skipped and reported at the end, with exit code 1. Ctrl-C stops after the images in
progress.

examples:
  regard recognize photo.jpg
  regard recognize holidays/ --draw drawn/ --format csv > faces.csv
  regard recognize 'scans/*.png' --model my-run/model.safetensors
  find . -name '*.jpg' -newer last-time | regard recognize - >> faces.jsonl
  regard recognize group.jpg --boxes boxes.csv
  regard recognize archive/ shards/*.tar --out results/ --format csv --resume)";

// The output schema, from the structs, and examples.
std::string footer() {
  return "On a terminal a table is printed, otherwise one line of JSON per image:\n"
         "  " +
         wrapped(json_schema(), 3) + "\n\nFields of a face:\n" + field_help() + "\n" + kRecognizeExamples;
}

}  // namespace

void add_recognize(CLI::App& app) {
  auto options = std::make_shared<RecognizeOptions>();
  auto* command =
      app.add_subcommand("recognize", "finds the faces in images and recognises their expressions");
  command
      ->add_option("IMAGES", options->images,
                   "files, folders (searched recursively), patterns, or - for a list on standard input")
      ->required();
  command
      ->add_option("--model", options->model,
                   "a model file, or the name of a shipped model (see `regard models`)")
      ->type_name("MODEL")
      ->default_str(kDefaultModel);
  command
      ->add_option("--format", options->format, "output format; auto: a table on a terminal, else JSON lines")
      ->check(CLI::IsMember(format_names()))
      ->capture_default_str();
  command
      ->add_option(
          "--jobs", options->jobs,
          "number of images processed concurrently, each with an equal part of the cores; 0: one per core")
      ->check(CLI::NonNegativeNumber)
      ->type_name("INT")
      ->capture_default_str();
  auto* draw = command
                   ->add_option("--draw", options->draw,
                                "write annotated images: to a file for one image, to a folder for many")
                   ->type_name("FILE|FOLDER");
  auto* boxes = command
                    ->add_option("--boxes", options->boxes,
                                 "use these boxes instead of detecting faces: CSV with the columns file, x, "
                                 "y, w, h, or JSON as printed by this command")
                    ->type_name("FILE");
  command->add_flag("--chips", options->chips, "the images are chips of the model's size")->excludes(boxes);
  add_archive_flags(*command, options->archive, {draw, boxes});
  add_flags(*command, options->recognizer);
  command->footer(footer());
  command->callback(
      [options] { options->archive.out.empty() ? recognize(*options) : recognize_into_parts(*options); });
}

}  // namespace regard

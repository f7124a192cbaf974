#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <future>
#include <iostream>
#include <set>

#include "cli/inputs.h"
#include "commands.h"
#include "common.h"
#include "regard/image/decode.h"
#include "regard/output/draw.h"
#include "regard/output/face_writer.h"
#include "regard/pipeline/recognizer.h"

namespace regard {

namespace {

namespace fs = std::filesystem;

struct RecognizeOptions {
  std::vector<std::string> images;
  std::string model, format = "auto", draw, boxes;
  bool chips = false;
  RecognizerOptions recognizer;
};

struct Decoded {
  std::string file;
  Image image;
  std::string error;
};

Decoded decode(std::string file) {
  Decoded decoded{std::move(file), {}, {}};
  try {
    decoded.image = read_image(decoded.file);
  } catch (const std::exception& error) {
    decoded.error = error.what();
  }
  return decoded;
}

// Hands out decoded images in order. The next one is found and decoded while the last is being looked at,
// and no further, so that no more than two are in memory and a list that is still being written is answered
// line by line.
class Decoder {
 public:
  explicit Decoder(ImageList& list) : list_(list) { start(); }

  std::optional<Decoded> next() {
    auto decoded = pending_.get();
    if (decoded) start();
    return decoded;
  }

 private:
  void start() {
    pending_ = std::async(std::launch::async, [this]() -> std::optional<Decoded> {
      auto file = list_.next();
      return file ? std::optional(decode(std::move(*file))) : std::nullopt;
    });
  }

  ImageList& list_;  // belongs to the other thread while there is something pending
  std::future<std::optional<Decoded>> pending_;
};

// A file's device and number: the same by whatever name.
using FileId = std::pair<dev_t, ino_t>;

std::optional<FileId> id_of(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return FileId{status.st_dev, status.st_ino};
}

// Where drawn images go: one file, or a folder with a file for each image. Nothing that is to be looked
// at is overwritten, and where that is not known before (a list on standard input), nothing that was there.
class Drawings {
 public:
  Drawings(const std::string& target, const ImageList& list) : target_(target), only_new_(list.open_ended()) {
    if (target.empty()) return;
    folder_ = target.ends_with('/') || fs::is_directory(target) || !target_.has_extension();
    if (!folder_ && list.may_be_many())
      throw CLI::ValidationError("--draw: '" + target +
                                 "' is one file but there may be several images; name a folder");
    for (const auto& image : list.known()) protect(image);
  }

  void write(const Decoded& decoded, std::span<const Face> faces) {
    if (target_.empty()) return;
    const fs::path path = folder_ ? target_ / free_name(decoded.file) : target_;
    const auto there = id_of(path);
    if (there && (originals_.contains(*there) || there == id_of(decoded.file)))
      throw Error("would overwrite an input image", path.string());
    if (there && only_new_ && !written_.contains(*there))
      throw Error("would overwrite an existing file, which may be an image of the list", path.string());
    write_image(path, draw_faces(decoded.image, faces));
    if (const auto id = id_of(path); id && only_new_) written_.insert(*id);
  }

 private:
  void protect(const fs::path& image) {
    if (const auto id = id_of(image)) originals_.insert(*id);
    const auto folder = image.has_parent_path() ? image.parent_path() : ".";
    std::error_code ignored;
    if (folder_ && fs::equivalent(folder, target_, ignored))
      throw CLI::ValidationError("--draw: the folder '" + target_.string() + "' holds " + image.string() +
                                 ", which is an input and might be overwritten; use another folder");
  }

  // Images of different folders may have the same name, and not all that can be read can be written.
  std::string free_name(const fs::path& file) {
    static constexpr std::array kWritten{".jpg", ".jpeg", ".png", ".webp", ".bmp"};
    const std::string stem = file.stem();
    std::string ending = file.extension(), lower = ending;
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    if (std::ranges::find(kWritten, lower) == kWritten.end()) ending = ".png";
    std::string name = stem + ending;
    for (int i = 2; !used_.insert(name).second; ++i) name = stem + "-" + std::to_string(i) + ending;
    return name;
  }

  fs::path target_;
  bool folder_ = false, only_new_;
  std::set<FileId> originals_, written_;
  std::set<std::string> used_;
};

class Recognition {
 public:
  explicit Recognition(const RecognizeOptions& options)
      : options_(options),
        recognizer_(options.model, options.recognizer),
        boxes_(options.boxes.empty() ? decltype(boxes_){} : read_boxes(options.boxes)) {
    for (const auto& [file, boxes] : boxes_) unused_.insert(file);
  }

  const Recognizer& recognizer() const { return recognizer_; }

  std::vector<Face> operator()(const Decoded& decoded) {
    if (!decoded.error.empty()) throw Error(decoded.error);
    if (options_.chips) {
      const ImageView chip = decoded.image;
      return recognizer_.recognize_chips({&chip, 1});
    }
    if (options_.boxes.empty()) return recognizer_.recognize(decoded.image);
    const auto known = boxes_.find(decoded.file);
    if (known == boxes_.end()) return {};
    unused_.erase(decoded.file);
    return recognizer_.recognize(decoded.image, known->second);
  }

  // What the file of boxes names and no image was called.
  const std::set<std::string>& unused_boxes() const { return unused_; }

 private:
  const RecognizeOptions& options_;
  Recognizer recognizer_;
  std::map<std::string, std::vector<Box>> boxes_;
  std::set<std::string> unused_;
};

std::string format_of(const RecognizeOptions& options) {
  if (options.format != "auto") return options.format;
  return is_terminal(stdout) ? "table" : "json";
}

std::string about(const std::string& file, const std::string& message) {
  return message.find(file) == std::string::npos ? file + ": " + message : message;
}

void report_unused(const std::string& boxes, const std::set<std::string>& names) {
  if (names.empty()) return;
  std::cerr << "regard: " << boxes << ": no image is named " << some_of({names.begin(), names.end()}) << '\n';
}

void report(const ImageList& list, const std::vector<std::string>& failures, std::size_t done) {
  for (const auto& folder : list.empty_folders())
    std::cerr << "regard: " << folder << ": no images in this folder\n";
  if (failures.empty()) return;
  for (const auto& failure : failures) std::cerr << "regard: " << failure << '\n';
  throw Error(std::to_string(failures.size()) + " failed, " + std::to_string(done) + " done");
}

void recognize(const RecognizeOptions& options) {
  ImageList list(options.images);
  const auto total = list.total();
  Drawings drawings(options.draw, list);
  Recognition recognition(options);
  const auto writer =
      make_face_writer(format_of(options), recognition.recognizer(), total ? list.longest() : 40);
  Progress progress(total, "images");
  std::vector<std::string> failures;
  std::size_t done = 0;

  print(writer->header());
  Decoder decoder(list);
  while (const auto decoded = decoder.next()) {
    std::vector<Face> faces;
    try {
      faces = recognition(*decoded);
    } catch (const std::exception& error) {
      failures.push_back(about(decoded->file, error.what()));
      continue;
    }
    progress.clear();
    print(writer->text({decoded->file, decoded->image.width, decoded->image.height, faces}));
    try {
      drawings.write(*decoded, faces);
      ++done;
    } catch (const std::exception& error) {
      failures.push_back(about(decoded->file, error.what()));
    }
    if (total != 1) progress.show(done + failures.size());
  }
  progress.clear();
  report_unused(options.boxes, recognition.unused_boxes());
  for (auto& failure : list.take_failures()) failures.push_back(std::move(failure));
  report(list, failures, done);
}

constexpr const char* kExamples =
    R"(On a terminal a table is printed, otherwise one line of JSON per image:
  {"file", "width", "height", "faces": [{"box": [x, y, w, h], "score", "landmarks": [[x, y] x 5],
   "pose": {"yaw", "pitch", "roll"}, "pose_score", "expression", "probabilities": {label: p}}]}
Models that weight regions of the face add "views": [{"name", "weight", "self_attention", "relation_attention",
"corners": [[x, y] x 4]}]; see `regard explain`.
Coordinates are pixels from the upper left corner. Landmarks are the eyes, the nose and the corners of the mouth; of each
pair, the left one in the image comes first. An image without faces has an empty list, and no line in CSV. An image that
cannot be read is skipped and reported at the end, with exit code 1.

examples:
  regard recognize photo.jpg
  regard recognize holidays/ --draw drawn/ --format csv > faces.csv
  regard recognize 'scans/*.png' --model my-run/model.safetensors
  find . -name '*.jpg' -newer last-time | regard recognize - >> faces.jsonl
  regard recognize group.jpg --boxes boxes.csv)";

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
      ->check(CLI::IsMember({"auto", "table", "json", "csv"}))
      ->capture_default_str();
  command
      ->add_option("--draw", options->draw,
                   "write annotated images: to a file for one image, to a folder for many")
      ->type_name("FILE|FOLDER");
  auto* boxes = command
                    ->add_option("--boxes", options->boxes,
                                 "use these boxes instead of detecting faces: CSV with the columns file, x, "
                                 "y, w, h, or JSON as printed by this command")
                    ->type_name("FILE");
  command->add_flag("--chips", options->chips, "the images are chips of the model's size")->excludes(boxes);
  add_flags(*command, options->recognizer);
  command->footer(kExamples);
  command->callback([options] { recognize(*options); });
}

}  // namespace regard

#include <future>
#include <iostream>
#include <set>

#include "commands.h"
#include "common.h"
#include "draw.h"
#include "face_writer.h"
#include "pictures.h"
#include "regard/face/picture.h"
#include "regard/recognizer.h"

namespace regard {

namespace {

namespace fs = std::filesystem;

struct RecognizeOptions {
  std::vector<std::string> pictures;
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
    decoded.image = read_picture(decoded.file);
  } catch (const std::exception& error) {
    decoded.error = error.what();
  }
  return decoded;
}

// Hands out decoded pictures in order. The next one is found and decoded while the last is being looked at,
// and no further, so that no more than two are in memory and a list that is still being written is answered
// line by line.
class Decoder {
 public:
  explicit Decoder(PictureList& list) : list_(list) { start(); }

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

  PictureList& list_;  // belongs to the other thread while there is something pending
  std::future<std::optional<Decoded>> pending_;
};

// Where drawn pictures go: one file, or a folder with a file for each picture.
class Drawings {
 public:
  Drawings(const std::string& target, bool many) : target_(target) {
    if (target.empty()) return;
    folder_ = target.ends_with('/') || fs::is_directory(target) || !target_.has_extension();
    if (!folder_ && many)
      throw CLI::ValidationError("--draw: '" + target +
                                 "' is one file and there may be several pictures; name a folder");
  }

  void write(const Decoded& picture, std::span<const Face> faces) {
    if (target_.empty()) return;
    const fs::path path = folder_ ? target_ / free_name(picture.file) : target_;
    std::error_code ignored;
    if (fs::equivalent(path, picture.file, ignored)) throw Error("would overwrite the picture itself", path);
    if (path.has_parent_path()) fs::create_directories(path.parent_path());
    write_picture(path, draw_faces(picture.image, faces));
  }

 private:
  // Pictures of different folders may have the same name.
  std::string free_name(const fs::path& file) {
    const std::string stem = file.stem();
    std::string ending = file.extension();
    if (ending.empty() || ending == ".tif" || ending == ".tiff" || ending == ".TIF" || ending == ".TIFF")
      ending = ".png";
    std::string name = stem + ending;
    for (int i = 2; !used_.insert(name).second; ++i) name = stem + "-" + std::to_string(i) + ending;
    return name;
  }

  fs::path target_;
  bool folder_ = false;
  std::set<std::string> used_;
};

class Recognition {
 public:
  explicit Recognition(const RecognizeOptions& options)
      : options_(options),
        recognizer_(options.model, options.recognizer),
        boxes_(options.boxes.empty() ? decltype(boxes_){} : read_boxes(options.boxes)) {}

  const std::vector<std::string>& labels() const { return recognizer_.labels(); }

  std::vector<Face> operator()(const Decoded& picture) const {
    if (!picture.error.empty()) throw Error(picture.error);
    if (options_.chips) {
      const ImageView chip = picture.image;
      return recognizer_.recognize_chips({&chip, 1});
    }
    if (options_.boxes.empty()) return recognizer_.recognize(picture.image);
    const auto known = boxes_.find(picture.file);
    if (known == boxes_.end()) return {};
    return recognizer_.recognize(picture.image, known->second);
  }

 private:
  const RecognizeOptions& options_;
  Recognizer recognizer_;
  std::map<std::string, std::vector<Box>> boxes_;
};

std::string format_of(const RecognizeOptions& options) {
  if (options.format != "auto") return options.format;
  return is_terminal(stdout) ? "table" : "json";
}

std::string about(const std::string& file, const std::string& message) {
  return message.find(file) == std::string::npos ? file + ": " + message : message;
}

void report(const PictureList& list, const std::vector<std::string>& failures, std::size_t done) {
  for (const auto& folder : list.empty_folders())
    std::cerr << "regard: " << folder << ": no pictures in this folder\n";
  if (failures.empty()) return;
  for (const auto& failure : failures) std::cerr << "regard: " << failure << '\n';
  throw Error(std::to_string(failures.size()) + " failed, " + std::to_string(done) + " done");
}

void recognize(const RecognizeOptions& options) {
  PictureList list(options.pictures);
  const auto total = list.total();
  Drawings drawings(options.draw, list.may_be_many());
  const Recognition recognition(options);
  const auto writer = make_face_writer(format_of(options), recognition.labels(), total ? list.longest() : 40);
  Progress progress(total, "pictures");
  std::vector<std::string> failures;
  std::size_t done = 0;

  print(writer->header());
  Decoder decoder(list);
  while (const auto picture = decoder.next()) {
    std::vector<Face> faces;
    try {
      faces = recognition(*picture);
      drawings.write(*picture, faces);
    } catch (const std::exception& error) {
      failures.push_back(about(picture->file, error.what()));
      continue;
    }
    ++done;
    progress.clear();
    print(writer->text({picture->file, picture->image.width, picture->image.height, std::move(faces)}));
    if (total != 1) progress.show(done + failures.size());
  }
  progress.clear();
  for (auto& failure : list.take_failures()) failures.push_back(std::move(failure));
  report(list, failures, done);
}

constexpr const char* kExamples =
    R"(To a person a table is printed, to a file or a program one line of JSON for each picture:
  {"file", "width", "height", "faces": [{"box": [x, y, w, h], "score", "landmarks": [[x, y] x 5], "expression",
   "probabilities": {label: p}}]}
Pixels count from the upper left corner; landmarks are the eyes, the nose, the corners of the mouth, the picture's left
first. No face is an empty list. CSV has a line for each face, and none for a picture without. A picture that cannot be
read is left out, reported at the end, and makes the exit code 1.

examples:
  regard recognize photo.jpg
  regard recognize holidays/ --draw drawn/ --format csv > faces.csv
  regard recognize 'scans/*.png' --model my-run/model.safetensors
  find . -name '*.jpg' -newer last-time | regard recognize - >> faces.jsonl
  regard recognize group.jpg --boxes boxes.csv)";

}  // namespace

void add_recognize(CLI::App& app) {
  auto options = std::make_shared<RecognizeOptions>();
  auto* command = app.add_subcommand("recognize", "finds the faces in pictures and tells their expressions");
  command
      ->add_option(
          "PICTURES", options->pictures,
          "files, folders (with all pictures below them), patterns, or - for a list on standard input")
      ->required();
  command
      ->add_option("--model", options->model,
                   "a model file, or the name of a shipped model (see `regard models`)")
      ->type_name("MODEL")
      ->default_str("ferplus-mobilenet");
  command
      ->add_option("--format", options->format,
                   "how faces are printed; auto: a table to a terminal, else JSON lines")
      ->check(CLI::IsMember({"auto", "table", "json", "csv"}))
      ->capture_default_str();
  command
      ->add_option(
          "--draw", options->draw,
          "write pictures with boxes, expressions and certainty: a file for one picture, a folder for many")
      ->type_name("FILE|FOLDER");
  auto* boxes =
      command
          ->add_option(
              "--boxes", options->boxes,
              "do not look for faces, take these boxes: CSV with the columns file, x, y, w, h, or JSON as "
              "printed by this command")
          ->type_name("FILE");
  command
      ->add_flag("--chips", options->chips,
                 "the pictures are chips already, of the size that the model wants")
      ->excludes(boxes);
  add_flags(*command, options->recognizer);
  command->footer(kExamples);
  command->callback([options] { recognize(*options); });
}

}  // namespace regard

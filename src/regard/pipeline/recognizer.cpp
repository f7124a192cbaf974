#include "regard/pipeline/recognizer.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <optional>

#include "regard/core/file.h"
#include "regard/face/alignment.h"
#include "regard/face/head_pose.h"
#include "regard/image/decode.h"
#include "regard/network/network.h"

namespace regard {
namespace {

constexpr const char* kDetector = "yunet-2023mar.onnx";
constexpr const char* kFaceMesh = "mediapipe-face-landmark.tflite";
constexpr const char* kEnding = ".safetensors";

/// The folder of the library (or of the program that it is linked into).
std::filesystem::path library_folder() {
  Dl_info info;
  if (!dladdr(reinterpret_cast<const void*>(&models_folder), &info) || !info.dli_fname) return {};
  std::error_code error;
  return std::filesystem::canonical(info.dli_fname, error).parent_path();
}

std::filesystem::path shipped_folder() {
  const auto installed = library_folder() / "../share/regard/models";
  for (const auto& folder : {installed, library_folder() / "../../share/regard/models"})
    if (std::filesystem::is_directory(folder)) return std::filesystem::canonical(folder);
  return REGARD_SOURCE_MODELS;
}

/// The first if it exists, else the second.
std::filesystem::path either(const std::filesystem::path& first, const std::filesystem::path& second) {
  return std::filesystem::exists(first) ? first : second;
}

std::string names_of_models() {
  std::string list;
  for (const auto& file : known_models()) list += (list.empty() ? "" : ", ") + file.stem().string();
  return list.empty() ? "none in " + models_folder().string() : list;
}

}  // namespace

float Face::probability() const {
  return probabilities.empty() ? 0 : *std::max_element(probabilities.begin(), probabilities.end());
}

struct Recognizer::Impl {
  Model model;
  Detector detector;
  HeadPoseEstimator head_pose;
  Engine engine;
  std::vector<std::string> names;        // of the views
  std::optional<RegionOptions> regions;  // where they lie; none if the network tells it of every face

  Impl(Model loaded, const RecognizerOptions& options)
      : model(std::move(loaded)),
        detector(detector_file(), options.detector),
        head_pose(face_mesh_file(), options.engine.threads),
        engine(model, options.engine),
        names(attended_views(model.network)),
        regions(attended_regions(model.network)) {}

  void add_poses(std::span<const HeadView> views, std::vector<Face>& faces) const {
    const auto estimates = head_pose.estimate(views);
    for (std::size_t i = 0; i < faces.size(); ++i) {
      faces[i].pose = estimates[i].pose;
      faces[i].pose_score = estimates[i].presence;
    }
  }

  void add_expressions(std::span<const ImageView> chips, std::vector<Face>& faces) const {
    std::vector<Landmarks> landmarks;
    for (const auto& face : faces) landmarks.push_back(landmarks_in_chip(face.landmarks, model.chip()));
    const Predictions predictions = engine.predict(chips, landmarks);
    for (std::size_t i = 0; i < faces.size(); ++i) {
      const auto first =
          predictions.probabilities.begin() + static_cast<std::ptrdiff_t>(i * predictions.classes);
      faces[i].probabilities.assign(first, first + static_cast<std::ptrdiff_t>(predictions.classes));
      const auto best = std::max_element(faces[i].probabilities.begin(), faces[i].probabilities.end());
      faces[i].expression = model.labels[static_cast<std::size_t>(best - faces[i].probabilities.begin())];
      if (!names.empty()) add_views(predictions, i, landmarks[i], faces[i]);
    }
  }

  static std::vector<Affine> places_of(const Predictions& predictions, std::size_t row) {
    std::vector<Affine> places(predictions.views);
    auto number = predictions.places.begin() + static_cast<std::ptrdiff_t>(row * places.size() * 6);
    for (auto& place : places)
      for (float& entry : place.m) entry = *number++;
    return places;
  }

  void add_views(const Predictions& predictions, std::size_t row, const Landmarks& in_chip,
                 Face& face) const {
    const auto places = regions ? views_of_face(*regions, in_chip) : places_of(predictions, row);
    for (std::size_t v = 0; v < places.size(); ++v) {
      const auto entry = [&](const std::vector<float>& values) -> std::optional<float> {
        return values.empty() ? std::nullopt : std::optional(values[row * predictions.views + v]);
      };
      face.views.push_back({names[v], corners_in_image(places[v], face.landmarks, model.chip()),
                            entry(predictions.view_weights).value(), entry(predictions.self_attention),
                            entry(predictions.relation_attention)});
    }
  }
};

Recognizer::Recognizer(const std::filesystem::path& model, const RecognizerOptions& options)
    : impl_(std::make_unique<Impl>(load_model(find_model(model)), options)) {}

Recognizer::~Recognizer() = default;
Recognizer::Recognizer(Recognizer&&) noexcept = default;
Recognizer& Recognizer::operator=(Recognizer&&) noexcept = default;

std::vector<Face> Recognizer::recognize(const std::filesystem::path& image) const {
  return recognize(read_image(image).view());
}

std::vector<Face> Recognizer::recognize(ImageView image) const {
  return recognize(image, impl_->detector.detect(image));
}

std::vector<Face> Recognizer::recognize(ImageView image, std::span<const Detection> detections) const {
  std::vector<Face> faces;
  std::vector<Image> chips;
  std::vector<HeadView> heads;
  for (const auto& [box, score, landmarks] : detections) {
    chips.push_back(cut_chip(image, landmarks, impl_->model.chip()));
    heads.push_back({image, landmarks});
    faces.push_back({box, score, landmarks, {}, 0, {}, {}});
  }
  const std::vector<ImageView> views(chips.begin(), chips.end());
  impl_->add_poses(heads, faces);
  impl_->add_expressions(views, faces);
  return faces;
}

std::vector<Face> Recognizer::recognize(ImageView image, std::span<const Box> boxes) const {
  std::vector<Detection> detections;
  for (const Box& box : boxes) detections.push_back({box, 1, landmarks_of_box(box)});
  return recognize(image, detections);
}

std::vector<Face> Recognizer::recognize_chips(std::span<const ImageView> chips) const {
  const ChipOptions chip = impl_->model.chip();
  const float size = static_cast<float>(chip.size);
  Landmarks landmarks = landmark_places(chip);
  for (auto& [x, y] : landmarks) x *= size, y *= size;
  std::vector<Face> faces(chips.size(), Face{{0, 0, size, size}, 1, landmarks, {}, 0, {}, {}, {}});
  impl_->add_expressions(chips, faces);
  std::vector<HeadView> heads;
  for (const auto& view : chips) heads.push_back({view, landmarks});
  impl_->add_poses(heads, faces);
  return faces;
}

const std::vector<std::string>& Recognizer::labels() const {
  return impl_->model.labels;
}

const std::vector<std::string>& Recognizer::views() const {
  return impl_->names;
}

const Model& Recognizer::model() const {
  return impl_->model;
}

std::filesystem::path models_folder() {
  if (const char* folder = std::getenv("REGARD_MODELS"); folder && *folder) return folder;
  return shipped_folder();
}

std::vector<std::filesystem::path> known_models() {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(models_folder(), error))
    if (entry.path().extension() == kEnding) files.push_back(entry.path());
  if (error) throw Error("folder of models cannot be read", models_folder().string(), {}, error.message());
  std::sort(files.begin(), files.end());
  return files;
}

std::filesystem::path detector_file() {
  return either(models_folder() / kDetector, shipped_folder() / kDetector);
}

std::filesystem::path face_mesh_file() {
  return either(models_folder() / kFaceMesh, shipped_folder() / kFaceMesh);
}

std::filesystem::path samples_folder() {
  return either(models_folder() / "../samples", shipped_folder().parent_path() / "samples");
}

std::filesystem::path find_model(const std::filesystem::path& name_or_path) {
  const auto name = name_or_path.empty() ? std::filesystem::path(kDefaultModel) : name_or_path;
  if (std::filesystem::is_regular_file(name)) return name;
  const auto shipped = models_folder() / (name.string() + kEnding);
  if (!name.has_parent_path() && std::filesystem::is_regular_file(shipped)) return shipped;
  throw Error("there is no such model", name.string(), "a file or one of: " + names_of_models());
}

}  // namespace regard

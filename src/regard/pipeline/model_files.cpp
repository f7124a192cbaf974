#include "regard/pipeline/model_files.h"

#include <dlfcn.h>

#include <algorithm>
#include <string>

#include "regard/core/environment.h"
#include "regard/core/error.h"
#include "regard/core/text.h"

namespace regard {
namespace {

constexpr const char* kDetector = "yunet-2023mar.onnx";
constexpr const char* kFaceMesh = "mediapipe-face-landmark.tflite";
constexpr const char* kAppearance = "appearance.tensors";
constexpr const char* kEnding = ".safetensors";

/// The folder of the library (or of the program that it is linked into).
std::filesystem::path library_folder() {
  Dl_info info;
  if (!dladdr(reinterpret_cast<const void*>(&models_folder), &info) || !info.dli_fname) return {};
  std::error_code error;
  return std::filesystem::canonical(info.dli_fname, error).parent_path();
}

/// The folder that holds the shipped models, samples and recipes.
std::filesystem::path shipped_folder() {
  for (const auto* share : {"../share/regard", "../../share/regard"})
    if (const auto folder = library_folder() / share; std::filesystem::is_directory(folder / "models"))
      return std::filesystem::canonical(folder);
  return REGARD_SOURCE_FOLDER;
}

std::filesystem::path shipped_models() {
  return shipped_folder() / "models";
}

/// The first of the two if it exists, else the second.
std::filesystem::path either(const std::filesystem::path& first, const std::filesystem::path& second) {
  return std::filesystem::exists(first) ? first : second;
}

std::string names_of_models() {
  std::vector<std::string> names;
  for (const auto& file : known_models()) names.push_back(file.stem().string());
  return names.empty() ? "none in " + models_folder().string() : join(names);
}

}  // namespace

std::filesystem::path models_folder() {
  if (const auto folder = environment("REGARD_MODELS"); !folder.empty()) return folder;
  return shipped_models();
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

std::filesystem::path find_model(const std::filesystem::path& name_or_path) {
  const auto name = name_or_path.empty() ? std::filesystem::path(kDefaultModel) : name_or_path;
  if (std::filesystem::is_regular_file(name)) return name;
  const auto shipped = models_folder() / (name.string() + kEnding);
  if (!name.has_parent_path() && std::filesystem::is_regular_file(shipped)) return shipped;
  throw Error("there is no such model", name.string(), "a file or one of: " + names_of_models());
}

std::filesystem::path detector_file() {
  return either(models_folder() / kDetector, shipped_models() / kDetector);
}

std::filesystem::path face_mesh_file() {
  return either(models_folder() / kFaceMesh, shipped_models() / kFaceMesh);
}

std::filesystem::path appearance_file() {
  return either(models_folder() / kAppearance, shipped_models() / kAppearance);
}

std::filesystem::path samples_folder() {
  return either(models_folder() / "../samples", shipped_folder() / "samples");
}

std::filesystem::path recipes_folder() {
  return shipped_folder() / "recipes";
}

}  // namespace regard

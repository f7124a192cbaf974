#pragma once

#include <filesystem>
#include <vector>

/// Locations of the files that are shipped with regard.
namespace regard {

/// The folder of models that are known by name: $REGARD_MODELS, else the shipped ones, next to the installed
/// library or in the source tree.
std::filesystem::path models_folder();

/// The default model.
inline constexpr const char* kDefaultModel = "ferplus-mobilenet";

/// The files of the models in that folder, sorted. Throws Error if the folder cannot be read.
std::vector<std::filesystem::path> known_models();

/// The file of a model that is known by name, or the path itself; empty: the default model's file. Throws
/// Error if there is no such model.
std::filesystem::path find_model(const std::filesystem::path& name_or_path);

/// The face detector's network: in models_folder(), else the shipped one.
std::filesystem::path detector_file();

/// The face mesh network, for head poses; found in the same way.
std::filesystem::path face_mesh_file();

/// What makes appearances of people out of a shipped model's middle layer; found in the same way.
std::filesystem::path appearance_file();

/// The sample photographs: next to models_folder(), else the shipped ones.
std::filesystem::path samples_folder();

/// The shipped recipes of `regard train` and `regard reproduce`.
std::filesystem::path recipes_folder();

}  // namespace regard

#pragma once

#include <filesystem>
#include <vector>

/// Where the files lie that regard brings along.
namespace regard {

/// The folder of models that are known by name: $REGARD_MODELS, else the shipped ones, which lie beside the
/// installed library, else in the source tree.
std::filesystem::path models_folder();

/// The shipped model that is taken where none is named.
inline constexpr const char* kDefaultModel = "ferplus-ran";

/// The files of the models in that folder, sorted. Throws Error where the folder cannot be read.
std::vector<std::filesystem::path> known_models();

/// The file of a known model's name, or the path itself where it is one; empty: the default model's file.
/// Throws Error where there is no such model.
std::filesystem::path find_model(const std::filesystem::path& name_or_path);

/// The network that finds faces: in models_folder(), else among what is shipped.
std::filesystem::path detector_file();

/// The network that places a mesh on faces, for their pose; found in the same way.
std::filesystem::path face_mesh_file();

/// The sample photographs: beside models_folder(), else among what is shipped.
std::filesystem::path samples_folder();

/// The shipped recipes of `regard train` and `regard reproduce`.
std::filesystem::path recipes_folder();

}  // namespace regard

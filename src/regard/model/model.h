#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "regard/core/chip.h"
#include "regard/model/weights.h"
#include "regard/network/network.h"

namespace regard {

/// A trained network with everything that is known of it. In its file, one `.safetensors`, the weights stand
/// by name and all else as JSON in the metadata's entry "regard".
struct Model {
  std::string name;                 ///< e.g. "ferplus-mobilenet"
  NetworkConfig network;            ///< with the chips' size; `classes` is the number of `labels`
  std::vector<std::string> labels;  ///< what the outputs mean, in order
  std::vector<float> landmarks = ChipOptions{}.landmarks;  ///< where chips have them, as in ChipOptions
  Json recipe = Json::object();                            ///< training options as they were used
  Json data = Json::object();                              ///< what it was trained on: name, count, hash
  Json results = Json::object();  ///< what was measured, with split, count and interval
  /// Whether the classifier has learned its labels; not so after an import, whose classifier is drawn at
  /// random.
  bool trained = true;
  std::string licence;
  std::string source;  ///< where the starting weights came from, with their licence
  Weights weights;
  std::string hash;  ///< SHA-256 of the file it was read from; empty before it was written

  /// How a face becomes the chip that the network wants.
  ChipOptions chip() const { return {network.chip_size, landmarks}; }
};

/// Reads and checks a model file: format, network, options, every weight's name and shape. Throws Error.
Model load_model(const std::filesystem::path& path);

/// The same from a file that is open already.
Model load_model(const TensorFile& file);

/// The model with other values of its network's options on the same weights, e.g. "attention.weights=uniform"
/// or "views.flip_tta=true": KEY=VALUE, a key's parts parted by dots, the value as JSON or, where it is none,
/// as text. Throws Error for what is no such setting, unknown keys, and values that want other weights.
Model with_options(Model model, std::span<const std::string> settings);

/// A model, `name`, that answers with the mean of the models' probabilities (network "ensemble"). Throws
/// Error for fewer than two, and where labels or chips differ.
Model ensemble_of(const std::string& name, std::span<const Model> models);

/// Throws Error, which says how to go on, where the model's classifier is untrained.
void expect_trained(const Model& model);

/// Everything but the weights and the hash, as the file's metadata state it.
Json describe_model(const Model& model);

/// Writes the file atomically, kernels and matrices as `dtype` (f32 or f16), vectors (biases, norms and their
/// buffers) always as f32. Throws Error where the parts of the model do not fit together, too.
void save_model(const std::filesystem::path& path, const Model& model, DType dtype = DType::f32);

}  // namespace regard

#pragma once

#include <filesystem>
#include <future>
#include <span>
#include <string>
#include <vector>

#include "regard/core/chip.h"
#include "regard/model/quantization.h"
#include "regard/model/weights.h"
#include "regard/network/network.h"

namespace regard {

/// A trained network with everything that is known about it. Its file is one `.safetensors` with the weights
/// by name, and the tensors "int8/LAYER/range" [2] and "int8/LAYER/bias" [channels] if it is quantized;
/// everything else is JSON in the metadata entry "regard".
struct Model {
  std::string name;                 ///< e.g. "ferplus-mobilenet"
  NetworkConfig network;            ///< with the chips' size; `classes` is the number of `labels`
  std::vector<std::string> labels;  ///< labels of the outputs, in order
  std::vector<float> landmarks = ChipOptions{}.landmarks;  ///< landmark positions in chips, as in ChipOptions
  /// Class frequencies that the outputs assume, in the order of the labels, summing to 1: those of the
  /// training targets, or equal ones after balanced training. Empty: unknown.
  std::vector<float> prior;
  Json recipe = Json::object();   ///< training options that were used
  Json data = Json::object();     ///< what it was trained on: name, count, hash
  Json results = Json::object();  ///< what was measured, with split, count and interval
  /// Whether the classifier is trained; false after an import, whose classifier is random.
  bool trained = true;
  std::string licence;
  std::string source;  ///< where the starting weights came from, with their licence
  Weights weights;
  Quantization quantization;  ///< empty: it cannot be run in 8-bit integers
  std::shared_future<std::string>
      file_hash;  ///< of the file it was read from; not valid before it was written

  /// How a face becomes a chip of this model.
  ChipOptions chip() const { return {network.chip_size, landmarks}; }
  /// SHA-256 of the file it was read from, as TensorFile::sha256(); empty before it was written.
  std::string hash() const { return file_hash.valid() ? file_hash.get() : ""; }
};

/// Reads and checks a model file: format, network, options, every weight's name and shape. Throws Error.
Model load_model(const std::filesystem::path& path);

/// The same from a file that is open already; if it is in memory, it must outlive the model.
Model load_model(const TensorFile& file);

/// The model with other values for options of its network and the same weights, e.g.
/// "attention.weights=uniform" or "views.flip_tta=true": KEY=VALUE, with dots between the parts of a key, and
/// the value as JSON or else as text. Throws Error for malformed settings, unknown keys, and values that need
/// other weights.
Model with_options(Model model, std::span<const std::string> settings);

/// A model `name` that averages the probabilities of the given models (network "ensemble"). Throws Error for
/// fewer than two, and if labels or chips differ.
Model ensemble_of(const std::string& name, std::span<const Model> models);

/// Throws Error, with advice, if the model's classifier is untrained.
void expect_trained(const Model& model);

/// Throws Error, with advice, if the model cannot be run in 8-bit integers.
void expect_quantized(const Model& model);

/// Everything except the weights and the hash, as stored in the metadata of the file.
Json describe_model(const Model& model);

/// The type in which a model file keeps its kernels and matrices, as save_model takes it.
DType stored_type(const TensorFile& file);

/// Writes the file atomically, kernels and matrices as `dtype` (f32 or f16), vectors (biases, norms and their
/// buffers) always as f32. Throws Error if that fails, or if the model is inconsistent.
void save_model(const std::filesystem::path& path, const Model& model, DType dtype = DType::f32);

}  // namespace regard

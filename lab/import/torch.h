#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "regard/model/tensor_file.h"

namespace regard {

/// A tensor in another program's file, read on demand.
struct ForeignTensor {
  Shape shape;
  /// Its elements, row-major. Throws Error if they are no floating-point numbers of 16 to 64 bits, or lie
  /// outside of the file.
  std::function<std::vector<float>()> values;
};

using ForeignTensors = std::map<std::string, ForeignTensor>;

/// A network's tensors in another program's file, and where in it they stand, e.g. "ema.state_dict"; empty if
/// the file holds nothing else.
struct ForeignFile {
  std::string place;
  ForeignTensors tensors;
};

/// The state dict in a file of PyTorch's torch.save (`.pth`, `.pt`, `.pth.tar`), wherever it stands there
/// (see read_state_dict): a zip of storages beside a pickle, or, as before PyTorch 1.6, pickles with the
/// storages behind them. Nothing that the file names is executed, and what is neither a tensor nor leads to
/// one is passed over. Throws Error where the file is damaged or no tensor in it has a name.
ForeignFile read_torch_file(const std::filesystem::path& path);

}  // namespace regard

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

/// The state dict in a file of PyTorch's torch.save (`.pth`, `.pt`, `.pth.tar`): a zip of storages beside a
/// pickle, or, as before PyTorch 1.6, pickles with the storages behind them. Nothing in the file is executed.
/// Throws Error if it is damaged or holds anything but tensors, numbers, strings, lists and dicts.
ForeignTensors read_torch_file(const std::filesystem::path& path);

}  // namespace regard

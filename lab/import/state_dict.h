#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "lab/import/pickle.h"
#include "regard/core/tensor.h"

namespace regard {

/// Where a tensor's elements lie: elsewhere in the file, by a key.
struct PickledStorage {
  std::string key;
  std::string type;       ///< of the elements, e.g. "FloatStorage"
  std::int64_t size = 0;  ///< elements
};

/// A tensor as a pickle describes it: some elements of a storage.
struct PickledTensor {
  PickledStorage storage;
  std::int64_t offset = 0;  ///< in elements, as the strides
  Shape shape, strides;
};

/// All storages in the pickle, by key, including those of tensors outside the state dict.
std::map<std::string, PickledStorage> read_storages(const Pickle& pickle);

/// A network's tensors by name, and where in the pickle they stand: "", "state_dict", "ema.module", "[0]".
struct StateDict {
  std::string place;
  std::map<std::string, PickledTensor> tensors;
};

/// The tensors of a network, wherever they stand in the pickle: in a dict, in a list of pairs, or in a module
/// that was saved whole, whose parts are named as its state dict would name them. Of several the first by the
/// usual names (state_dict, model_state_dict, model, ..., ema last), of those that have half as many tensors
/// as the largest. Throws Error, naming what is there, if no tensor has a name.
StateDict read_state_dict(const Pickle& pickle, const std::string& where);

}  // namespace regard

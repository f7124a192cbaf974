#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "regard/model/tensor_file.h"

namespace regard {

/// A value of a pickle, Python's format for objects. Only data is read: code that the pickle names is never
/// looked up or run.
struct PickleValue {
  enum class Kind {
    none,
    boolean,  ///< integer 0 or 1
    integer,  ///< integer; beyond 64 bits: text, the little-endian bytes
    real,     ///< its value is not kept
    text,     ///< text: of a string or of bytes
    list,     ///< items: of a list or a tuple
    dict,     ///< items: key, value, key, value, ...
    name,     ///< text: "module.name" of a class or function, one of those that PyTorch's tensors want
    storage,  ///< items: its type (a name), key, place, count
    tensor,   ///< items: storage, offset, shape, strides
  };
  Kind kind = Kind::none;
  std::int64_t integer = 0;
  std::string text = {};
  std::vector<std::size_t> items = {};  ///< places in Pickle::values
};

struct Pickle {
  std::vector<PickleValue> values;
  std::size_t root = 0;    ///< the place of the whole
  std::size_t length = 0;  ///< length of the pickle in bytes; anything after it is ignored

  const PickleValue& whole() const { return values[root]; }
};

/// Reads the pickle that `bytes` begin with, protocols 2 to 5: numbers, strings, lists, tuples and dicts, and
/// of classes those that hold PyTorch's tensors together (OrderedDict, Size, Parameter, tensors, storages).
/// Throws Error for any other class or function, naming it, for damaged or truncated bytes, and for more than
/// 32 MB or two million values. `where` names the file in messages.
Pickle read_pickle(std::span<const std::byte> bytes, const std::string& where);

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

/// The tensors of a state dict by name: of the whole, or of its entry `state_dict`, `model_state_dict`,
/// `model` or `net`. Throws Error if there is none with a tensor.
std::map<std::string, PickledTensor> read_state_dict(const Pickle& pickle, const std::string& where);

}  // namespace regard

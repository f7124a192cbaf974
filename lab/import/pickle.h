#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace regard {

/// A value of a pickle, Python's format for objects. Only data is read: code that the pickle names is never
/// looked up or run. Results of classes and functions other than those of PyTorch's tensors are `object`s, of
/// which only the name is known.
struct PickleValue {
  enum class Kind {
    none,
    boolean,  ///< integer 0 or 1
    integer,  ///< integer; beyond 64 bits: text, the little-endian bytes (or digits, as protocol 0 has them)
    real,     ///< its value is not kept
    text,     ///< text: of a string or of bytes, cut behind 64 KB
    list,     ///< items: of a list or a tuple
    dict,     ///< items: key, value, key, value, ...
    name,     ///< text: "module.name" of a class or function
    object,   ///< text: what made it; items: key, value, ... that it was given; state: its attributes
    storage,  ///< items: its type (a name), key, place, count
    tensor,   ///< items: storage, offset, shape, strides
  };
  Kind kind = Kind::none;
  std::int64_t integer = 0;
  std::string text = {};
  std::vector<std::size_t> items = {};    ///< places in Pickle::values
  std::optional<std::size_t> state = {};  ///< likewise
};

struct Pickle {
  std::vector<PickleValue> values;
  std::size_t root = 0;    ///< the place of the whole
  std::size_t length = 0;  ///< length of the pickle in bytes; anything after it is ignored

  const PickleValue& whole() const { return values[root]; }
};

/// Reads the pickle that `bytes` begin with, protocols 0 to 5. Throws Error for damaged or truncated bytes,
/// for tensors of wrong parts, and for more than 256 MB or two million values. `where` names the file in
/// messages.
Pickle read_pickle(std::span<const std::byte> bytes, const std::string& where);

}  // namespace regard
